/** Which module shows which view. */
import type { ViewKind } from '../src/shared/protocol.ts';
import { CompareView } from './compare/view.ts';
import { GraphView } from './graph/view.ts';
import { PacketsView } from './packets/view.ts';
import { PatternsView } from './patterns/view.ts';
import { QualityView } from './quality/view.ts';
import { ServiceView } from './service/view.ts';
import { TransactionsView } from './transactions/view.ts';
import type { View } from './view.ts';
import { WaterfallView } from './waterfall/view.ts';

export const VIEWS: { readonly [K in ViewKind]?: () => View } = {
  graph: () => new GraphView(),
  service: () => new ServiceView(),
  quality: () => new QualityView(),
  compare: () => new CompareView(),
  packets: () => new PacketsView(),
  patterns: () => new PatternsView(),
  transactions: () => new TransactionsView(),
  waterfall: () => new WaterfallView(),
};
