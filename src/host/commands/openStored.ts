import * as vscode from 'vscode';
import { count, visibleText } from '../../shared/format.ts';
import { originUri } from '../origin.ts';
import { askPlace } from '../places.ts';
import { withStoreSecret } from '../secrets.ts';
import { storeUrl } from '../settings.ts';
import { needTrust } from './attachTopic.ts';
import { type Command, Expected, open } from './context.ts';
import { BACK, type Choice, choose } from './steps.ts';

const title = () => vscode.l10n.t('Open Stored Traces');
const NS_PER_MS = 1_000_000n;

/** Open Stored Traces...: store, interval, tenant. Shown as a capture is; the packets are gone. */
export const openStored: Command = async (context) => {
  needTrust();
  const url = await askStore();
  if (url === undefined) return;
  const { documents } = context;
  const contents = await withStoreSecret(documents.secrets, url, (secret) =>
    askPlace(documents, 'storeContents', { url, ...(secret !== undefined && { secret }) }),
  );
  if (contents === undefined) return;
  const { spans, interval, tenants } = contents;
  if (interval === null || spans === 0) throw new Expected(vscode.l10n.t('{0} holds no transactions yet.', url));
  const whole = { fromNs: BigInt(interval.fromNs), toNs: BigInt(interval.toNs) + 1n };
  const tenantChoices: Choice<string | null>[] = [
    { label: `$(organization) ${vscode.l10n.t('All tenants')}`, value: null },
    ...tenants.map((t): Choice<string> => ({ label: visibleText(t) || vscode.l10n.t('(no name)'), value: t })),
  ];
  for (;;) {
    const placeholder = vscode.l10n.t(
      '{0} spans from {1} to {2}. Type "from / to" for another interval',
      count(spans),
      iso(whole.fromNs),
      iso(whole.toNs),
    );
    const range = await choose({ title: title(), step: 1, totalSteps: tenants.length > 1 ? 2 : 1, placeholder }, lasts(whole), typedRange);
    if (range === undefined || range === BACK) return;
    const tenant =
      tenants.length > 1
        ? await choose({ title: title(), step: 2, totalSteps: 2, placeholder: vscode.l10n.t('Tenant') }, tenantChoices)
        : null;
    if (tenant === undefined) return;
    if (tenant === BACK) continue;
    const { fromNs, toNs } = range;
    await open(originUri({ store: { url, fromNs: String(fromNs), toNs: String(toNs), ...(tenant !== null && { tenant }) } }));
    return;
  }
};

interface Range {
  readonly fromNs: bigint;
  readonly toNs: bigint;
}
const iso = (ns: bigint): string => new Date(Number(ns / NS_PER_MS)).toISOString();

/** Everything, and the last stretches of what there is. */
function lasts(whole: Range): Choice<Range>[] {
  const { t } = vscode.l10n;
  const last = (minutes: number): Range => ({ fromNs: whole.toNs - BigInt(minutes) * 60_000n * NS_PER_MS, toNs: whole.toNs });
  const stretches = [10, 60, 24 * 60].filter((m) => last(m).fromNs > whole.fromNs);
  return [
    { label: `$(calendar) ${t('Everything')}`, value: whole },
    ...stretches.map((m) => ({ label: `$(history) ${t('The last {0} minutes', m)}`, description: iso(last(m).fromNs), value: last(m) })),
  ];
}
/** Two times with a slash, as in ISO 8601 intervals. */
function typedRange(text: string): Choice<Range> | string {
  const [from = '', to = ''] = text.split(/\s*\/\s*/).map((t) => t.trim());
  const [a, b] = [Date.parse(from), Date.parse(to)];
  if (!(a < b)) return vscode.l10n.t('Write two times: 2026-01-31T12:00Z / 2026-01-31T13:00Z');
  const value = { fromNs: BigInt(a) * NS_PER_MS, toNs: BigInt(b) * NS_PER_MS };
  return { label: `$(calendar) ${iso(value.fromNs)} / ${iso(value.toNs)}`, alwaysShow: true, value };
}

/** The setting, or a file. */
async function askStore(): Promise<string | undefined> {
  const set = storeUrl();
  if (set !== '') {
    const file = { label: `$(folder-opened) ${vscode.l10n.t('Choose a file...')}` };
    const picked = await vscode.window.showQuickPick([{ label: `$(database) ${set}`, description: 'tracenest.store.url' }, file], {
      title: title(),
    });
    if (picked === undefined) return undefined;
    if (picked !== file) return set;
  }
  const filters = { [vscode.l10n.t('Trace stores')]: ['sqlite', 'db'], [vscode.l10n.t('All files')]: ['*'] };
  const uri = (await vscode.window.showOpenDialog({ title: title(), filters }))?.[0];
  if (uri && uri.scheme !== 'file') throw new Expected(vscode.l10n.t('Trace stores are read from a disk.'));
  return uri?.fsPath;
}
