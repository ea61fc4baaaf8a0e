const parts = (minor: string): readonly [number, number] => {
  const [major = '', second = ''] = minor.split('.')
  return [Number(major), Number(second)]
}

/** How many minors `to` lies above `from`; negative below. */
export const minorsBetween = (from: string, to: string): number => parts(to)[1] - parts(from)[1]

/** The minor `by` above (or below, when negative). */
export const minorAt = (from: string, by: number): string => `${parts(from)[0]}.${parts(from)[1] + by}`

/** The minors after `from`, up to and with `to`, in order; empty when `to` is not above. */
export const minorsAfter = (from: string, to: string): readonly string[] =>
  Array.from({ length: Math.max(0, minorsBetween(from, to)) }, (_gap, index) => minorAt(from, index + 1))

/** Orders versions such as `v1.19.2-eksbuild.5` by their numbers. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** `1.19` of `v1.19.2-eksbuild.5`. */
export const minorOfVersion = (version: string): string => numbersOf(version).slice(0, 2).join('.')

const numbersOf = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).map(Number)
