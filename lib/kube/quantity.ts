const factors: { readonly [suffix: string]: number } = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/**
 * A Kubernetes quantity as a number of its unit (`100m` is 0.1, `1Ki` is 1024); 0 for what is missing or not a quantity.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export const quantity = (text: string | undefined): number => {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text ?? '')
  return match ? Number(match[1]) * (factors[match[2] ?? ''] ?? 0) : 0
}

/** CPU in cores, memory in bytes. */
export interface Resources {
  readonly cpu: number
  readonly memory: number
}

export const resourcesFrom = (raw: { readonly [resource: string]: string } | undefined): Resources => ({
  cpu: quantity(raw?.['cpu']),
  memory: quantity(raw?.['memory']),
})

export const sumOf = (a: Resources, b: Resources): Resources => ({
  cpu: a.cpu + b.cpu,
  memory: a.memory + b.memory,
})

export const largerOf = (a: Resources, b: Resources): Resources => ({
  cpu: Math.max(a.cpu, b.cpu),
  memory: Math.max(a.memory, b.memory),
})
