import type { Instance, Subnet } from '@aws-sdk/client-ec2'
import { AwsError } from '../call.ts'
import type { RegionState } from '../state.ts'

/** AWS keeps the first four addresses of a subnet and the last one. */
const firstUsable = 4

/**
 * Takes an address of the subnet; its free addresses go down by one (an instance's primary address only: pods of the
 * twin take none). Throws InsufficientFreeAddressesInSubnet.
 */
export const freeAddress = (region: RegionState, subnet: Subnet): string => {
  if ((subnet.AvailableIpAddressCount ?? 0) < 1)
    throw new AwsError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.SubnetId}' to satisfy the requested number of instances.`,
    )
  subnet.AvailableIpAddressCount = (subnet.AvailableIpAddressCount ?? 0) - 1
  const [base = '10.0.0.0', bits = '16'] = (subnet.CidrBlock ?? '').split('/')
  const usable = 2 ** (32 - Number(bits)) - firstUsable - 1
  const taken = new Set([...region.instances.values()].map(({ PrivateIpAddress }) => PrivateIpAddress))
  for (let step = 0; step < usable; step += 1) {
    const offset = firstUsable + ((region.instances.size * 37 + step) % usable)
    const address = addressAt(base, offset)
    if (!taken.has(address)) return address
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    `No address is left in subnet '${subnet.SubnetId}'.`,
  )
}

/** The subnet of a terminated instance has one more free address. */
export const giveAddressBack = (region: RegionState, instance: Instance): void => {
  const subnet = region.subnets.get(instance.SubnetId ?? '')
  if (subnet) subnet.AvailableIpAddressCount = (subnet.AvailableIpAddressCount ?? 0) + 1
}

const addressAt = (base: string, offset: number): string => {
  const value = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + offset
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
