// Connect Four as boardgame.io's tutorial writes a game, on its own server, in memory.
// https://boardgame.io/documentation/#/tutorial

import { createRequire } from "node:module";
import { hasFour, landingRow } from "./rules.mjs";

const require = createRequire(import.meta.url); // its published ES modules lack file extensions
const { Server } = require("boardgame.io/server");
const { INVALID_MOVE } = require("boardgame.io/core");

const ConnectFour = {
  name: "connect-four",
  setup: () => ({ cells: Array(42).fill(0), plies: 0, column: null, participant: null }),
  turn: { minMoves: 1, maxMoves: 1 },
  disableUndo: true,
  moves: {
    drop: ({ G, playerID }, column) => {
      const row = landingRow(G.cells, column);
      if (row < 0) return INVALID_MOVE;
      G.cells[row * 7 + column] = Number(playerID) + 1;
      G.plies += 1;
      G.column = column;
      G.participant = Number(playerID) + 1;
    },
  },
  endIf: ({ G }) => {
    if (G.column === null) return undefined;
    const free = landingRow(G.cells, G.column);
    if (hasFour(G.cells, G.column, (free < 0 ? 6 : free) - 1)) return { winner: G.participant };
    return G.plies === 42 ? { draw: true } : undefined;
  },
};

const port = Number(process.argv[2]);
const server = Server({ games: [ConnectFour], origins: [`http://127.0.0.1:${port}`] });
const listen = server.app.listen.bind(server.app);
server.app.listen = (onPort, ...rest) => listen(onPort, "127.0.0.1", ...rest); // it has no option for the host
server.run({ port });
process.on("SIGTERM", () => process.exit(0));
