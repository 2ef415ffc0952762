import type { QualityFact } from '../calls/callTable.ts';
import type { Framing } from '../protocols/framing.ts';
import type { Wire } from '../protocols/wire.ts';
import type { Tcp } from './tcp.ts';

const count = (value: number): string => value.toLocaleString('en-US');

/** What the streams were like, and what that does to the conclusions. */
export function streamFacts(wire: Wire, tcp: Tcp, _framing: Framing): QualityFact[] {
  const facts: QualityFact[] = [];
  const { flows } = wire;
  let gaps = 0;
  for (let flow = 0; flow < flows.count; flow++) gaps += flows.gaps[flow]!;
  if (gaps > 0)
    facts.push({
      id: 'gaps',
      level: 'warning',
      count: gaps,
      text: `${count(gaps)} gaps: ${count(tcp.gapBytes)} bytes that were sent are not in the capture.`,
      effect: 'Calls in them are missing; stamps that they make uncertain are marked.',
    });
  return facts;
}
