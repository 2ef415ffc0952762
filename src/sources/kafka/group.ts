/** Shares the partitions of a topic among the processes of a group. Only that: positions are kept by who uses it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { clientOptions, type KafkaConnection } from './connection.ts';

/** A process that computes for so long without a sign of life loses its partitions. */
const SESSION_MS = 30_000;
const HEARTBEAT_MS = 1_000;
const REBALANCE_MS = 30_000;
/** For half a minute, with what each attempt takes. */
const JOIN_ATTEMPTS = 10;
const JOIN_PAUSE_MS = 2_000;

export class Group {
  private readonly consumer: Consumer;
  private readonly topic: string;

  constructor(options: {
    readonly connection: KafkaConnection;
    readonly password: string;
    readonly topic: string;
    readonly group: string;
  }) {
    this.topic = options.topic;
    this.consumer = new Consumer({
      ...clientOptions(options.connection, 'tracenest-watch', options.password),
      groupId: options.group,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_MS,
    });
    // A failed rejoin is tried again with the next heartbeat; reading has its own ways to notice a broker that is gone.
    this.consumer.on('error', () => {});
  }

  async join(): Promise<void> {
    this.consumer.topics.track(this.topic);
    // A broker that has just started has no coordinator yet.
    for (let attempt = 1; ; attempt++) {
      try {
        await this.consumer.joinGroup({});
        return;
      } catch (error) {
        if (attempt === JOIN_ATTEMPTS) throw error;
        await sleep(JOIN_PAUSE_MS);
      }
    }
  }

  /** The topic has more partitions, or fewer: the client shares them anew only when somebody joins. */
  async rejoin(): Promise<void> {
    await this.consumer.metadata({ topics: [this.topic], forceUpdate: true });
    await this.consumer.leaveGroup(true);
    await this.join();
  }

  /** Partitions that are this process's now. */
  assigned(): readonly number[] {
    return (this.consumer.assignments ?? []).filter((a) => a.topic === this.topic).flatMap((a) => a.partitions);
  }

  /** Leaves at once, so that others needn't wait for the session to end. */
  async leave(): Promise<void> {
    try {
      await this.consumer.leaveGroup(true);
      await this.consumer.close(true);
    } catch {
      // the broker is gone
    }
  }
}
