/** Where the time of a median call goes beside that of a slow one, on one scale, and what makes the gap. */
import { html, type TemplateResult } from 'lit';
import { duration, MINUS, milliseconds, NONE, percent, signedMilliseconds } from '../../src/shared/format.ts';
import type { SubjectDetails } from '../../src/shared/protocol.ts';
import { foldWaits, joinedWaits, type Part, partBox, partKey, partLabel, partsOf, splitBar } from '../charts/split.ts';
import type { Directory } from '../directory.ts';
import { t } from '../text.ts';
import { sectionHead } from '../ui/parts.ts';
import { table } from '../ui/table.ts';

interface Line {
  readonly part: Part;
  readonly p50Ns: number;
  readonly p95Ns: number;
}
const LEAST_SHARE = 0.002;

export function timeSplits({ splitP50: a, splitP95: b }: SubjectDetails, directory: Directory): TemplateResult | null {
  const most = Math.max(a.totalNs, b.totalNs);
  if (most <= 0) return null;
  const gap = b.totalNs - a.totalNs;
  const bar = (title: string, s: typeof a) =>
    html`<span class="mut">${title}</span>${splitBar(s, directory, most)}<span class="num">${duration(s.totalNs)}</span>`;
  const ofGap = (l: Line) => (gap > 0 ? (l.p95Ns - l.p50Ns) / gap : Number.NaN);
  return html`<section class="wide">
    ${sectionHead(t('Where the time goes'), t('one scale; hatched = waiting for another service'))}
    <div class="split-row">
      <div class="split-pair">${bar(t('around p50'), a)}${bar(t('around p95'), b)}</div>
      ${table<Line>({
        label: t('Where the time goes'),
        rows: lines(a, b, most),
        id: (l) => partKey(l.part),
        flush: true,
        columns: [
          {
            key: 'part',
            title: t('part'),
            value: (l) => partLabel(l.part, directory),
            cell: (l) => html`${partBox(l.part, directory)}${partLabel(l.part, directory)}`,
          },
          { key: 'p50', title: t('p50 ms'), num: true, value: (l) => l.p50Ns / 1e6, cell: (l) => milliseconds(l.p50Ns) },
          { key: 'p95', title: t('p95 ms'), num: true, value: (l) => l.p95Ns / 1e6, cell: (l) => milliseconds(l.p95Ns) },
          {
            key: 'difference',
            title: t('difference'),
            num: true,
            value: (l) => (l.p95Ns - l.p50Ns) / 1e6,
            cell: (l) => signedMilliseconds(l.p95Ns - l.p50Ns),
          },
          {
            key: 'gap',
            title: t('of the gap'),
            num: true,
            value: ofGap,
            cell: (l) => (Number.isFinite(ofGap(l)) ? percent(ofGap(l)).replace('-', MINUS) : NONE),
          },
        ],
      })}
    </div>
  </section>`;
}

function lines(a: SubjectDetails['splitP50'], b: SubjectDetails['splitP95'], most: number): Line[] {
  const [first, second] = [partsOf(a), partsOf(b)];
  const slow = new Map(second.map((p) => [partKey(p), p]));
  const known = new Set(first.map(partKey));
  const rank = { self: 0, waiting: 1, network: 2, unknown: 3 } as const;
  const all = [...first, ...second.filter((p) => !known.has(partKey(p)))]
    .map((part) => {
      const inFirst = known.has(partKey(part));
      return { part, p50Ns: inFirst ? part.ns : 0, p95Ns: slow.get(partKey(part))?.ns ?? 0 };
    })
    .filter((l) => l.p50Ns + l.p95Ns > most * LEAST_SHARE)
    .sort((x, y) => rank[x.part.kind] - rank[y.part.kind] || Math.max(y.p50Ns, y.p95Ns) - Math.max(x.p50Ns, x.p95Ns));
  const sum = (list: readonly Line[], of: 'p50Ns' | 'p95Ns') => list.reduce((ns, l) => ns + l[of], 0);
  return foldWaits(
    all,
    (l) => l.part,
    (rest) => ({ part: joinedWaits(rest.map((l) => l.part)), p50Ns: sum(rest, 'p50Ns'), p95Ns: sum(rest, 'p95Ns') }),
  );
}
