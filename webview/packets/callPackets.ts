/** Packets of one call, asked for once, when first shown. */
import type { CallDetails, PacketRef } from '../../src/shared/protocol.ts';
import { Latest } from '../rpc.ts';
import type { AppContext } from '../view.ts';

export class CallPackets {
  call: CallDetails | null = null;
  /** null: not asked or not here yet. */
  list: readonly PacketRef[] | null = null;
  /** Why there are none to show. */
  failure = '';
  private asked = false;
  private readonly question = new Latest();
  private readonly context: AppContext;
  private readonly changed: () => void;

  constructor(context: AppContext, changed: () => void) {
    this.context = context;
    this.changed = changed;
  }

  show(call: CallDetails): void {
    this.question.cancel();
    this.call = call;
    this.list = null;
    this.failure = '';
    this.asked = false;
  }

  load(): void {
    const { call } = this;
    if (this.asked || !call) return;
    this.asked = true;
    void this.question.run(
      (signal) => this.context.call('packets', { generation: this.context.snapshot.generation, call: call.call }, signal),
      (list) => {
        this.list = list;
        this.changed();
      },
      (e) => {
        this.failure = e instanceof Error ? e.message : String(e);
        this.changed();
      },
    );
  }

  dispose(): void {
    this.question.cancel();
  }
}
