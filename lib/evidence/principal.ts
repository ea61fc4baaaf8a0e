/**
 * Who stands behind the ARN of a caller. A session of a role is that role, whatever the session calls itself: the
 * caller chooses the name. Only sessions of IAM Identity Center (AWSReservedSSO_*) and of `ssoRoles` (names or ARNs of
 * roles) keep it, because there it is the name of a person. A path, which ARNs of sessions do not have, is left out.
 * Users and everything else stay as they are.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
export const principalOf = (arn: string, ssoRoles: readonly string[] = []): string => {
  const session = sessionOf(arn)
  if (session) return keepsSession(session, ssoRoles) ? arn : roleArn(session)
  const role = roleOf(arn)
  return role ? roleArn(role) : arn
}

/**
 * True unless the two are surely two persons or machines: a principal is compared by its ARN, never by what it is
 * called on a screen. Names of persons in sessions are compared over all roles and accounts, as one person may have
 * several permission sets. A federated user may be any user of its account, for that user chose its name.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
 */
export const samePrincipal = (a: string, b: string, ssoRoles: readonly string[] = []): boolean => {
  const [one, other] = [principalOf(a, ssoRoles), principalOf(b, ssoRoles)].map((arn) => arn.toLowerCase())
  if (one === undefined || other === undefined || one === other) return true
  const [person, another] = [sessionOf(one)?.session, sessionOf(other)?.session]
  if (person !== undefined && person === another) return true
  return mayBeFederated(one, other) || mayBeFederated(other, one)
}

/**
 * True when what the fleet names is this caller: the ARN itself, or the role whose session it is. Errs towards no, for
 * lists of who may do something.
 */
export const covers = (named: string, arn: string): boolean => {
  if (named === arn) return true
  const [role, session] = [roleOf(named), sessionOf(arn) ?? roleOf(arn)]
  return role !== undefined && session !== undefined && roleArn(role) === roleArn(session)
}

interface Role {
  readonly partition: string
  readonly account: string
  readonly name: string
}

interface RoleSession extends Role {
  readonly session: string
}

const sessionOf = (arn: string): RoleSession | undefined => {
  const [, partition, account, name, session] =
    /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\/(.+)$/.exec(arn) ?? []
  if (partition === undefined || account === undefined || name === undefined || session === undefined)
    return undefined
  return { partition, account, name, session }
}

const roleOf = (arn: string): Role | undefined => {
  const [, partition, account, name] = /^arn:([\w-]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? []
  if (partition === undefined || account === undefined || name === undefined) return undefined
  return { partition, account, name }
}

const roleArn = ({ partition, account, name }: Role) => `arn:${partition}:iam::${account}:role/${name}`

const keepsSession = (session: RoleSession, ssoRoles: readonly string[]): boolean =>
  /^AWSReservedSSO_/i.test(session.name) ||
  ssoRoles.some((marked) => {
    const role = roleOf(marked)
    return role ? roleArn(role) === roleArn(session) : marked === session.name
  })

const mayBeFederated = (federated: string, other: string): boolean => {
  const account = /^arn:[\w-]+:sts::(\d{12}):federated-user\//.exec(federated)?.[1]
  return (
    account !== undefined &&
    new RegExp(`^arn:[\\w-]+:(iam|sts)::${account}:(user|federated-user|root)`).test(other)
  )
}
