"""Who may play with a computer's help: figures of rated games, compared with everybody's; and what moderators do."""
