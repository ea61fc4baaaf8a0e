/** What the twin knows of an EC2 instance type. */
export interface InstanceType {
  readonly name: string
  readonly vcpus: number
  readonly memoryMiB: number
  /** Network interfaces, and IPv4 addresses on each: they bound the pods of a node. */
  readonly interfaces: number
  readonly addressesPerInterface: number
  readonly architecture: 'x86_64' | 'arm64'
}

type Size = readonly [size: string, vcpus: number, interfaces: number, addresses: number]

// Interfaces and addresses: https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html and the tables of
// https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html (and co.html, mo.html)
const usualSizes: readonly Size[] = [
  ['large', 2, 3, 10],
  ['xlarge', 4, 4, 15],
  ['2xlarge', 8, 4, 15],
  ['4xlarge', 16, 8, 30],
  ['8xlarge', 32, 8, 30],
  ['12xlarge', 48, 8, 30],
  ['16xlarge', 64, 15, 50],
]
const intelAndAmdSizes: readonly Size[] = [...usualSizes, ['24xlarge', 96, 15, 50]]
const gravitonSizes: readonly Size[] = [['medium', 1, 2, 4], ...usualSizes]
const c5Sizes: readonly Size[] = [
  ...usualSizes.slice(0, 4),
  ['9xlarge', 36, 8, 30],
  ['12xlarge', 48, 8, 30],
  ['18xlarge', 72, 15, 50],
  ['24xlarge', 96, 15, 50],
]

interface Families {
  readonly names: readonly string[]
  readonly gibPerVcpu: number
  readonly sizes: readonly Size[]
  readonly architecture: InstanceType['architecture']
}

const x86 = { architecture: 'x86_64', sizes: intelAndAmdSizes } as const
const arm = { architecture: 'arm64', sizes: gravitonSizes } as const
const families: readonly Families[] = [
  { ...x86, names: ['m5', 'm5a', 'm5d', 'm6a', 'm6i', 'm7a', 'm7i'], gibPerVcpu: 4 },
  { ...x86, names: ['c5', 'c5d'], gibPerVcpu: 2, sizes: c5Sizes },
  { ...x86, names: ['c5a', 'c6a', 'c6i', 'c7a', 'c7i'], gibPerVcpu: 2 },
  { ...x86, names: ['r5', 'r5a', 'r5d', 'r6a', 'r6i', 'r7a', 'r7i'], gibPerVcpu: 8 },
  { ...arm, names: ['m6g', 'm7g', 'm8g'], gibPerVcpu: 4 },
  { ...arm, names: ['c6g', 'c7g', 'c8g'], gibPerVcpu: 2 },
  { ...arm, names: ['r6g', 'r7g', 'r8g'], gibPerVcpu: 8 },
]

const burstableSizes = [
  ['small', 2, 2048, 3, 4],
  ['medium', 2, 4096, 3, 6],
  ['large', 2, 8192, 3, 12],
  ['xlarge', 4, 16_384, 4, 15],
  ['2xlarge', 8, 32_768, 4, 15],
] as const

const burstableFamilies = [
  ['t3', 'x86_64'],
  ['t3a', 'x86_64'],
  ['t4g', 'arm64'],
] as const

const burstable: readonly InstanceType[] = burstableFamilies.flatMap(([family, architecture]) =>
  burstableSizes.map(([size, vcpus, memoryMiB, interfaces, addressesPerInterface]) => ({
    name: `${family}.${size}`,
    vcpus,
    memoryMiB,
    interfaces,
    addressesPerInterface,
    architecture,
  })),
)

const typesOf = ({ names, gibPerVcpu, sizes, architecture }: Families): readonly InstanceType[] =>
  names.flatMap((family) =>
    sizes.map(([size, vcpus, interfaces, addressesPerInterface]) => ({
      name: `${family}.${size}`,
      vcpus,
      memoryMiB: vcpus * gibPerVcpu * 1024,
      interfaces,
      addressesPerInterface,
      architecture,
    })),
  )

const catalogue: ReadonlyMap<string, InstanceType> = new Map(
  [...burstable, ...families.flatMap(typesOf)].map((type) => [type.name, type]),
)

/** The data of an instance type such as `m5.large`; undefined for one the twin does not know. */
export const instanceType = (name: string): InstanceType | undefined => catalogue.get(name) ?? kindred(name)

/** GiB for each vCPU. */
const memoryOf: { readonly [letter: string]: number } = { c: 2, m: 4, r: 8 }

const largeSizes = ['', '2', '4', '6', '8', '9', '12', '16', '18', '24', '32', '48']

/**
 * A type of the c, m and r families that is not listed, such as `c7gn.16xlarge`: what its name says of vCPU, memory and
 * architecture. https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
const kindred = (name: string): InstanceType | undefined => {
  const [, letter = '', options = '', size = ''] =
    /^([cmr])[5-9]([a-z]{0,3})\.(large|\d*xlarge)$/.exec(name) ?? []
  const times = size.replace('xlarge', '')
  const memory = memoryOf[letter]
  if (memory === undefined || (size !== 'large' && !largeSizes.includes(times))) return undefined
  const vcpus = size === 'large' ? 2 : 4 * Number(times || 1)
  const [interfaces, addressesPerInterface] =
    vcpus > 32 ? [15, 50] : vcpus > 8 ? [8, 30] : vcpus > 2 ? [4, 15] : [3, 10]
  return {
    name,
    vcpus,
    memoryMiB: vcpus * memory * 1024,
    interfaces,
    addressesPerInterface,
    architecture: options.includes('g') ? 'arm64' : 'x86_64',
  }
}

/** All instance types the twin knows, by name. */
export const instanceTypes = (): readonly InstanceType[] =>
  [...catalogue.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
