// Connect Four in a Colyseus room, in memory: `onMessage`, then `broadcast`.
// https://docs.colyseus.io/room

import { Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { hasFour, landingRow } from "./rules.mjs";

class ConnectFour extends Room {
  onCreate() {
    this.patchRate = null; // nothing is synchronised by state: every change is a message
    this.seatReservationTimeout = 300; // the benchmark reserves the seats of all games before it connects
    this.cells = Array(42).fill(0);
    this.plies = 0;
    this.seats = [];
    this.isOver = false;
    this.onMessage("play_move", (client, { column, ply }) => this.play(client, column, ply));
  }

  onJoin(client, { watch }) {
    if (!watch) this.seats.push(client.sessionId);
    client.send("snapshot", { you: this.seats.indexOf(client.sessionId) + 1, plies: this.plies, cells: this.cells });
  }

  play(client, column, ply) {
    const participant = this.seats.indexOf(client.sessionId) + 1;
    const row = landingRow(this.cells, column);
    if (this.isOver || participant !== (this.plies % 2) + 1 || ply !== this.plies + 1 || row < 0) {
      client.send("refused", { column, ply });
      return;
    }
    this.cells[row * 7 + column] = participant;
    this.plies++;
    const won = hasFour(this.cells, column, row);
    this.isOver = won || this.plies === 42;
    const outcome = this.isOver ? { winner: won ? participant : null } : null;
    this.broadcast("move_played", { ply, column, row, participant, outcome });
  }
}

const server = new Server({ greet: false, transport: new WebSocketTransport() });
server.define("connect_four", ConnectFour);
await server.listen(Number(process.argv[2]), "127.0.0.1");
