/** The analysis thread: a session behind a message port. */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { Session } from '../session/session.ts';
import type { WorkerEvents, WorkerRequests } from '../shared/protocol.ts';
import { Peer } from '../shared/rpc.ts';
import { answers } from './answers.ts';

type Nothing = Record<never, never>;

if (parentPort === null) throw new Error('This file is a worker thread; start it with new Worker()');
const port = parentPort;
const session = new Session({
  snapshot: (snapshot) => peer.say('snapshot', snapshot),
  log: (level, text) => peer.say('log', { level, text }),
  // The nesting algorithms run without a turn of the event loop: messages that came meanwhile are taken here.
  poll: () => {
    for (let m = receiveMessageOnPort(port); m !== undefined; m = receiveMessageOnPort(port)) peer.receive(m.message);
  },
});
const peer = new Peer<WorkerRequests, Nothing, Nothing, WorkerEvents>((message) => port.postMessage(message), answers(session), {});
port.on('message', (message) => peer.receive(message));
