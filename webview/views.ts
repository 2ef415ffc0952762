/** Which module shows which view. */
import type { ViewKind } from '../src/shared/protocol.ts';
import type { View } from './view.ts';

export const VIEWS: { readonly [K in ViewKind]?: () => View } = {};
