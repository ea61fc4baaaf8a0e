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

type Size = readonly [
  size: string,
  vcpus: number,

  interfaces: number,
  addresses: number,
]

// Interfaces and addresses: https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html (and co.html, mo.html)
const sizes: readonly Size[] = [
  ['large', 2, 3, 10],
  ['xlarge', 4, 4, 15],
  ['2xlarge', 8, 4, 15],
  ['4xlarge', 16, 8, 30],
  ['8xlarge', 32, 8, 30],
]

const families: readonly (readonly [
  family: string,
  gibPerVcpu: number,
  architecture: InstanceType['architecture'],
])[] = [
  ['m5', 4, 'x86_64'],
  ['m5a', 4, 'x86_64'],
  ['m6i', 4, 'x86_64'],
  ['m7i', 4, 'x86_64'],
  ['m6g', 4, 'arm64'],
  ['m7g', 4, 'arm64'],
  ['c5', 2, 'x86_64'],
  ['c6i', 2, 'x86_64'],
  ['c6g', 2, 'arm64'],
  ['c7g', 2, 'arm64'],
  ['r5', 8, 'x86_64'],
  ['r6i', 8, 'x86_64'],
  ['r6g', 8, 'arm64'],
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

const catalogue: ReadonlyMap<string, InstanceType> = new Map(
  [
    ...burstable,
    ...families.flatMap(([family, gibPerVcpu, architecture]) =>
      sizes.map(([size, vcpus, interfaces, addressesPerInterface]) => ({
        name: `${family}.${size}`,
        vcpus,
        memoryMiB: vcpus * gibPerVcpu * 1024,
        interfaces,
        addressesPerInterface,
        architecture,
      })),
    ),
  ].map((type) => [type.name, type]),
)

/** The data of an instance type such as `m5.large`; undefined for one the twin does not know. */
export const instanceType = (name: string): InstanceType | undefined => catalogue.get(name)

/** All instance types the twin knows, by name. */
export const instanceTypes = (): readonly InstanceType[] =>
  [...catalogue.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
