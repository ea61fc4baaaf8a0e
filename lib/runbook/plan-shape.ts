/** One thing that two plans of a runbook are compared by. */
export interface ShapeItem {
  /** Rule of the table in docs/gate.md, such as `add-on-version`. */
  readonly rule: string
  /** What it is about, called the same on every cluster: `add-on coredns on 1.33`, `nodes of AL2023_x86_64_STANDARD`. */
  readonly object: string
  readonly value: string
  /** Objects of this cluster that it stands for, such as node groups. May differ. */
  readonly names: readonly string[]
}

/** What a plan does, with the names and sizes of its cluster taken out. Plain data; made by `Runbook.shape`. */
export interface PlanShape {
  /** What must have been proven just so: each needs an equal item in the evidence. */
  readonly must: readonly ShapeItem[]
  /** What may differ; shown, never refused. */
  readonly may: readonly ShapeItem[]
}
