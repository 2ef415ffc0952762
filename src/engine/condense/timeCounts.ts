/** Most slots held: the width of one doubles until the whole time fits. */
const MAX_SLOTS = 8192;

/** Calls and errors over time, by tenant, in slots of equal width. */
export class TimeCounts {
  /** Width of a slot, ns. */
  widthNs = 1e6;
  readonly tenants = new Map<string, { calls: number[]; errors: number[] }>();

  add(atNs: number, tenant: string, failed: boolean): void {
    this.put(Math.max(0, atNs), tenant, 1, failed ? 1 : 0);
  }

  merge(other: TimeCounts): void {
    for (const [tenant, { calls, errors }] of other.tenants)
      calls.forEach((n, slot) => {
        if (n > 0) this.put(slot * other.widthNs, tenant, n, errors[slot]!);
      });
  }

  private put(atNs: number, tenant: string, calls: number, errors: number): void {
    while (atNs >= this.widthNs * MAX_SLOTS) this.widen();
    let counts = this.tenants.get(tenant);
    if (counts === undefined) this.tenants.set(tenant, (counts = { calls: [], errors: [] }));
    const slot = Math.floor(atNs / this.widthNs);
    while (counts.calls.length <= slot) {
      counts.calls.push(0);
      counts.errors.push(0);
    }
    counts.calls[slot]! += calls;
    counts.errors[slot]! += errors;
  }

  private widen(): void {
    this.widthNs *= 2;
    const halved = (slots: readonly number[]) =>
      Array.from({ length: Math.ceil(slots.length / 2) }, (_, i) => slots[i * 2]! + (slots[i * 2 + 1] ?? 0));
    for (const [tenant, { calls, errors }] of this.tenants) this.tenants.set(tenant, { calls: halved(calls), errors: halved(errors) });
  }
}
