import type { Parameter } from '@aws-sdk/client-ssm'
import { AwsError, type AwsCall } from './call.ts'
import { pageOf } from './pages.ts'
import { amisOf, type OfferedAmi } from './published-amis.ts'
import type { RegionState } from './state.ts'
import type { HandlersOf } from './wire/typed-handlers.ts'

/**
 * SSM parameters: stored ones, and the public ones of the EKS and Bottlerocket AMIs, which are computed
 * (https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html).
 */
export const ssmHandlers = {
  'ssm.GetParameter': ({ Name = '' }, call) => {
    const found = parametersOf(call).get(nameOf(Name))
    if (!found) throw new AwsError('ParameterNotFound', '')
    return { Parameter: found }
  },
  'ssm.GetParameters': ({ Names = [] }, call) => {
    if (Names.length > 10)
      throw new AwsError('ValidationException', 'Member must have length less than or equal to 10')
    const known = parametersOf(call)
    return {
      Parameters: Names.flatMap((name) => known.get(nameOf(name)) ?? []),
      InvalidParameters: Names.filter((name) => !known.has(nameOf(name))),
    }
  },
  'ssm.GetParametersByPath': ({ Path = '/', Recursive = false, NextToken, MaxResults = 10 }, call) => {
    const prefix = Path.endsWith('/') ? Path : `${Path}/`
    const below = [...parametersOf(call).values()]
      .filter(
        ({ Name = '' }) => Name.startsWith(prefix) && (Recursive || !Name.slice(prefix.length).includes('/')),
      )
      .toSorted((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1))
    const { items, next } = pageOf(below, {
      token: NextToken,
      size: Math.min(MaxResults, 10),
      code: 'InvalidNextToken',
    })
    return { Parameters: [...items], NextToken: next }
  },
  'ssm.PutParameter': ({ Name = '', Value = '', Overwrite = false }, call) => {
    if (/^\/?aws/i.test(Name))
      throw new AwsError('ValidationException', 'Parameter name must not begin with aws or /aws')
    const present = call.region.parameters.get(Name)
    if (present && !Overwrite)
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      )
    const version = (present?.version ?? 0) + 1
    call.region.parameters.set(Name, { value: Value, version })
    call.effect(`parameter ${Name} set to version ${version}`)
    return { Version: version, Tier: 'Standard' }
  },
  'ssm.DeleteParameter': ({ Name = '' }, call) => {
    if (!call.region.parameters.delete(Name)) throw new AwsError('ParameterNotFound', '')
    call.effect(`parameter ${Name} deleted`)
    return {}
  },
} satisfies HandlersOf<'ssm', typeof import('@aws-sdk/client-ssm')>

/** A public parameter may be named by its ARN as well. */
const nameOf = (name: string): string => name.replace(/^arn:aws[\w-]*:ssm:[\w-]*:\d*:parameter/, '')

const parametersOf = ({ aws, region }: AwsCall): ReadonlyMap<string, Parameter> =>
  new Map([...storedParameters(region), ...amisOf(aws.state).flatMap((ami) => amiParameters(region, ami))])

const storedParameters = (region: RegionState): readonly (readonly [string, Parameter])[] =>
  [...region.parameters].map(([name, { value, version }]) => [
    name,
    {
      ...parameter(region, name, value),
      Version: version,
      ARN: `arn:aws:ssm:${region.region}:${region.account}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
    },
  ])

const amiParameters = (region: RegionState, ami: OfferedAmi): readonly (readonly [string, Parameter])[] => {
  const values = ami.amiType.startsWith('BOTTLEROCKET') ? bottlerocketValues(ami) : amazonLinuxValues(ami)
  return Object.entries(values).map(([name, value]) => [name, parameter(region, name, value)])
}

/** Under the name of its image, and as the recommended one if it is that. */
const amazonLinuxValues = ({
  minor,
  release,
  parameterPath,
  recommended,
}: OfferedAmi): { readonly [name: string]: string } => {
  const { imageId, releaseVersion, imageName } = release
  const named = parameterPath.replace(/recommended$/, imageName)
  const whole = JSON.stringify({
    schema_version: '2.0',
    image_id: imageId,
    image_name: imageName,
    release_version: releaseVersion,
    kubernetes_version: minor,
  })
  return {
    ...(recommended ? { [parameterPath]: whole } : {}),
    ...Object.fromEntries(
      (recommended ? [parameterPath, named] : [named]).flatMap((path) => [
        [`${path}/image_id`, imageId],
        [`${path}/image_name`, imageName],
        [`${path}/release_version`, releaseVersion],
      ]),
    ),
  }
}

const bottlerocketValues = ({
  release,
  parameterPath,
  recommended,
}: OfferedAmi): { readonly [name: string]: string } => {
  const exact = parameterPath.replace(/latest$/, release.releaseVersion)
  return Object.fromEntries(
    (recommended ? [parameterPath, exact] : [exact]).flatMap((path) => [
      [`${path}/image_id`, release.imageId],
      [`${path}/image_version`, release.releaseVersion],
    ]),
  )
}

const parameter = (region: RegionState, name: string, value: string): Parameter => ({
  Name: name,
  Type: 'String',
  Value: value,
  Version: 1,
  LastModifiedDate: new Date('2026-09-10T00:00:00Z'),
  ARN: `arn:aws:ssm:${region.region}::parameter${name}`,
  DataType: name.endsWith('image_id') ? 'aws:ec2:image' : 'text',
})
