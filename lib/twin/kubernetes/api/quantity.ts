const factors: { readonly [suffix: string]: number } = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
}

/** A Kubernetes quantity as a number: `500m` is 0.5, `1Gi` is 1073741824; 0 for what is none. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export const quantity = (text: string): number => {
  const found = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text)
  return found ? Number(found[1]) * (factors[found[2] ?? ''] ?? 0) : 0
}
