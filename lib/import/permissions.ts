import { collections } from './collections.ts'

/** The least that the role of an import must be allowed. */
export interface ImportPermissions {
  /** An IAM policy document. */
  readonly policy: {
    readonly Version: '2012-10-17'
    readonly Statement: readonly IamStatement[]
  }
  /** A ClusterRole for the group of the role's access entry. */
  readonly clusterRole: {
    readonly apiVersion: 'rbac.authorization.k8s.io/v1'
    readonly kind: 'ClusterRole'
    readonly metadata: { readonly name: string }
    readonly rules: readonly {
      readonly apiGroups: readonly [string]
      readonly resources: readonly string[]
      readonly verbs: readonly ['list']
    }[]
  }
}

interface IamStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: string
}

/** Where the cluster is; `*` in the place of what is not known. */
export interface PermissionPlace {
  readonly account: string
  readonly region: string
  readonly cluster: string
}

/** What an import calls, and nothing else: reads of EKS, EC2, SSM and Service Quotas, and `list` in Kubernetes. */
export const importPermissions = (place: PermissionPlace): ImportPermissions => ({
  policy: { Version: '2012-10-17', Statement: statements(place) },
  clusterRole: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'eks-runbook-import' },
    rules: rules(),
  },
})

/**
 * Actions with the resources that IAM knows for them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
 */
const statements = ({ account, region, cluster }: PermissionPlace): readonly IamStatement[] => {
  const eks = `arn:${partitionOf(region)}:eks:${region}:${account}`
  return [
    allow(
      'Cluster',
      ['eks:DescribeCluster', 'eks:ListAddons', 'eks:ListNodegroups'],
      `${eks}:cluster/${cluster}`,
    ),
    allow('NodeGroups', ['eks:DescribeNodegroup'], `${eks}:nodegroup/${cluster}/*/*`),
    allow('AddOns', ['eks:DescribeAddon'], `${eks}:addon/${cluster}/*/*`),
    allow(
      'RecommendedAmis',
      ['ssm:GetParameter'],
      `arn:${partitionOf(region)}:ssm:${region}::parameter/aws/service/*`,
    ),
    allow(
      'WithoutResource',
      [
        'ec2:DescribeSubnets',
        'eks:DescribeAddonVersions',
        'eks:DescribeClusterVersions',
        'servicequotas:GetServiceQuota',
        'sts:GetCallerIdentity',
      ],
      '*',
    ),
  ]
}

const allow = (Sid: string, Action: readonly string[], Resource: string): IamStatement => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
})

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const partitionOf = (region: string): string => {
  if (region === '*') return '*'
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Nodes and pods are read besides the collections. */
const rules = (): ImportPermissions['clusterRole']['rules'] => {
  const read = [{ group: '', plural: 'nodes' }, { group: '', plural: 'pods' }, ...collections]
  return [...Map.groupBy(read, ({ group }) => group)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, found]) => ({
      apiGroups: [group],
      resources: found.map(({ plural }) => plural).toSorted(),
      verbs: ['list'],
    }))
}
