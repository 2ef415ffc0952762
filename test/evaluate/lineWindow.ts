/** A sliding window over calls as lines: each comes when it starts, and again when it is over. */
import { algorithm, type CallLine, compileNestingInput } from '../../src/engine/nesting/index.ts';
import {
  NestingWindow,
  type Place,
  type WindowCall,
  type WindowOptions,
  type WindowState,
} from '../../src/engine/nesting/window/window.ts';

export type LineOptions = Omit<WindowOptions<CallLine>, 'nest'>;

const given = (us: number | null | undefined): us is number => typeof us === 'number' && Number.isFinite(us);
const startOf = (line: CallLine) => Math.min(...[line.callerStartUs, line.calleeStartUs].filter(given));
const endOf = (line: CallLine) => Math.max(...[line.callerEndUs, line.calleeEndUs].filter(given), Number.NEGATIVE_INFINITY);

export function lineWindow(options: LineOptions, tell: (place: Place) => void, state?: WindowState<CallLine>): NestingWindow<CallLine> {
  return new NestingWindow<CallLine>(
    {
      ...options,
      nest(lines, settled, { model, habits, learnFromUs }) {
        const epochUs = Math.min(...lines.map(startOf));
        const after = (us: number) => (us - epochUs) * 1000;
        const how = {
          keepModel: true,
          habits,
          learnFromNs: [after(learnFromUs[0]), after(learnFromUs[1])] as const,
          ...(model !== undefined && { model }),
        };
        return { links: settled.nestRest(compileNestingInput(lines), algorithm('joint')!, how), tell: (_row, place) => tell(place) };
      },
    },
    state,
  );
}

/** The line when it starts, and when it is over; in the order in which a tap would see that. */
export function arrivals(lines: readonly CallLine[]): WindowCall<CallLine>[] {
  const all: { readonly atUs: number; readonly call: WindowCall<CallLine> }[] = [];
  for (const line of lines) {
    const [id, startUs, endUs] = [String(line.id), startOf(line), endOf(line)];
    const begun = { ...line, callerEndUs: null, calleeEndUs: null };
    all.push({ atUs: startUs, call: { id, startUs, start: String(startUs), endUs: Number.POSITIVE_INFINITY, open: true, call: begun } });
    if (Number.isFinite(endUs)) all.push({ atUs: endUs, call: { id, startUs, start: String(startUs), endUs, open: false, call: line } });
  }
  return all.sort((a, b) => a.atUs - b.atUs || (a.call.id < b.call.id ? -1 : a.call.id > b.call.id ? 1 : 0)).map(({ call }) => call);
}
