import * as vscode from 'vscode';
import { visibleText } from '../../shared/format.ts';
import { RpcError } from '../../shared/rpc.ts';
import { type KafkaConnection, parseConnection } from '../../sources/kafka/connection.ts';
import { TOPIC_FORMATS, type TopicFormat } from '../../sources/kafka/formats.ts';
import { originUri } from '../origin.ts';
import { askPlace } from '../places.ts';
import { askPassword, forgetPassword } from '../secrets.ts';
import { kafkaConnections, liveWindowS } from '../settings.ts';
import { label } from '../text.ts';
import { type Command, type CommandContext, Expected, open } from './context.ts';
import { BACK, type Choice, choose, type Step } from './steps.ts';

interface Given {
  connection?: KafkaConnection;
  topic?: string;
  format?: TopicFormat;
  from?: string;
}
type Ask = (context: CommandContext, given: Given, step: Step) => Promise<Given | typeof BACK | undefined>;

/** Attach to Kafka Topic...: connection, topic, format, where to start. Joins no consumer group and commits nothing. */
export const attachTopic: Command = async (context) => {
  needTrust();
  const steps: readonly [placeholder: string, ask: Ask][] = [
    [vscode.l10n.t('Connection, or the address of a broker (host:port)'), askConnection],
    [vscode.l10n.t('Topic'), askTopic],
    [vscode.l10n.t('What its records hold'), askFormat],
    [vscode.l10n.t('Where to start: choose, or type a time or -30m'), askFrom],
  ];
  const title = vscode.l10n.t('Attach to Kafka Topic');
  let given: Given = {};
  for (let i = 0; i < steps.length; ) {
    const [placeholder, ask] = steps[i]!;
    const answer = await ask(context, given, { title, step: i + 1, totalSteps: steps.length, placeholder });
    if (answer === undefined) return;
    if (answer === BACK) i--;
    else {
      given = { ...given, ...answer };
      i++;
    }
  }
  const { connection, topic, format, from } = given;
  if (!connection || !topic || !format || !from) return;
  await open(originUri({ kafka: { connection: { ...connection }, topic, format, from, windowS: liveWindowS() } }));
};

export function needTrust(): void {
  if (!vscode.workspace.isTrusted)
    throw new Expected(vscode.l10n.t('Topics and stores are reached only from trusted folders. Trust this folder first.'));
}

const askConnection: Ask = async (context, _given, step) => {
  const choices = kafkaConnections().map((value): Choice<KafkaConnection | string> => {
    const parsed = parseConnection(value);
    if (typeof parsed === 'string')
      return { label: `$(warning) ${label(String(value['name'] ?? '?'))}`, description: visibleText(parsed), value: parsed };
    const how = [parsed.brokers.join(', '), parsed['security.protocol'], parsed['sasl.mechanism']].filter(Boolean).join(' · ');
    return { label: `$(plug) ${label(parsed.name)}`, description: visibleText(how), value: parsed };
  });
  const connection = await choose(step, choices, (text) => {
    const parsed = parseConnection({ brokers: text });
    return typeof parsed === 'string'
      ? parsed
      : {
          label: `$(plug) ${label(parsed.brokers.join(', '))}`,
          description: vscode.l10n.t('plain text, no password'),
          alwaysShow: true,
          value: parsed,
        };
  });
  if (connection === undefined || connection === BACK) return connection;
  if (typeof connection === 'string') throw new Expected(`${connection} (tracenest.kafka.connections)`);
  return (await askPassword(context.documents.secrets, connection)) === undefined ? undefined : { connection };
};

const askTopic: Ask = async (context, { connection }, step) => {
  if (!connection) return BACK;
  const { secrets } = context.documents;
  const password = (await askPassword(secrets, connection)) ?? '';
  let found: readonly string[];
  try {
    found = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Asking {0} for its topics', connection.name),
        cancellable: true,
      },
      (_, token) => {
        const controller = new AbortController();
        token.onCancellationRequested(() => controller.abort());
        return askPlace(context.documents, 'topics', { connection: { ...connection }, password }, controller.signal);
      },
    );
  } catch (e) {
    const why = e instanceof Error ? e.message : String(e);
    if (e instanceof RpcError && e.code === 'cancelled') return undefined;
    // A wrong password must not be kept: without it the next attempt asks again.
    if (e instanceof RpcError && e.code === 'refused') await forgetPassword(secrets, connection);
    throw new Expected(vscode.l10n.t("{0} can't be asked for its topics: {1}", connection.brokers.join(', '), why));
  }
  const choices = found.filter((t) => !t.startsWith('__')).map((t): Choice<string> => ({ label: `$(broadcast) ${label(t)}`, value: t }));
  const topic = await choose(step, choices);
  return topic === undefined || topic === BACK ? topic : { topic };
};

const askFormat: Ask = async (_context, _given, step) => {
  const { t } = vscode.l10n;
  const says: Readonly<Record<TopicFormat, string>> = {
    tracenest: t('packets, as "tracenest tap" publishes them'),
    'raw-frame': t('one frame a record, the time as key (pycapa, fastcapa)'),
    'pcap-record': t('a pcap or pcapng file a record'),
    'zeek-json': t('lines of http.log as JSON'),
    'packetbeat-json': t('transactions of Packetbeat'),
    calls: t('calls, as "tracenest calls" writes them'),
    traces: t('finished transactions, as "tracenest watch" or Spark write them'),
  };
  const format = await choose(
    step,
    TOPIC_FORMATS.map((value) => ({ label: value, description: says[value], value })),
  );
  return format === undefined || format === BACK ? format : { format };
};

export const startChoices = (): Choice<string>[] => {
  const { t } = vscode.l10n;
  return [
    { label: `$(record) ${t('From now on')}`, value: 'live' },
    { label: `$(history) ${t('{0} minutes ago', 5)}`, value: '-5m' },
    { label: `$(history) ${t('{0} minutes ago', 60)}`, value: '-60m' },
    { label: `$(debug-restart) ${t('From the beginning')}`, value: 'earliest' },
  ];
};
/** "-90s", "-10m", "-2h" or a time; else what is wrong. */
export const typedStart = (text: string): Choice<string> | string =>
  /^-\d+(\.\d+)?\s*(s|m|h)$/.test(text) || !Number.isNaN(Date.parse(text))
    ? { label: `$(history) ${text}`, alwaysShow: true, value: text }
    : vscode.l10n.t('Write -10m (s, m, h) or a time such as 2026-01-31T12:00:00Z');

const askFrom: Ask = async (_context, _given, step) => {
  const from = await choose(step, startChoices(), typedStart);
  return from === undefined || from === BACK ? from : { from };
};
