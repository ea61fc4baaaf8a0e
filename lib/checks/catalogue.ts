/** A rule as the docs show it. Titles state what holds when the check passes. */
interface Rule {
  readonly title: string
  /** URL of the rule. */
  readonly source: string
}

const guide = 'https://docs.aws.amazon.com/eks/latest/userguide'

/** Every check there is; docs are printed from it. Codes are stable. */
export const catalogue = {
  'CP-001': {
    title: 'The target is offered and each hop is one minor',
    source: `${guide}/update-cluster.html`,
  },
  'CP-002': { title: 'The version is in standard support', source: `${guide}/kubernetes-versions.html` },
  'CP-003': {
    title: 'The cluster is ACTIVE with no update in flight',
    source: `${guide}/update-cluster.html`,
  },
  'CP-004': { title: 'EKS reports no issue of the cluster', source: `${guide}/troubleshooting.html` },
  'CP-005': {
    title: 'Subnets in two zones have five free addresses each for the control plane',
    source: `${guide}/network-reqs.html`,
  },
  'CP-009': {
    title: 'No insight of EKS stands against the upgrade',
    source: `${guide}/cluster-insights.html`,
  },
  'DP-001': {
    title: 'No kubelet is newer than the control plane or more than three minors older',
    source: 'https://kubernetes.io/releases/version-skew-policy/#kubelet',
  },
  'DP-002': {
    title: 'Node groups have the version of the control plane before it moves',
    source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html',
  },
  'DP-003': {
    title: 'kube-proxy is not newer than the control plane or more than three minors older',
    source: 'https://kubernetes.io/releases/version-skew-policy/#kube-proxy',
  },
  'DP-004': {
    title: 'Node groups are ACTIVE and EKS reports no issue of them',
    source: `${guide}/troubleshooting.html`,
  },
  'DP-006': {
    title: 'Subnets have addresses for a second set of nodes',
    source: `${guide}/managed-node-update-behavior.html`,
  },
  'DP-009': {
    title: 'The vCPU quota has room for a second set of nodes',
    source:
      'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits',
  },
  'DP-014': {
    title: 'No node group stays on Amazon Linux 2',
    source: `${guide}/eks-ami-deprecation-faqs.html`,
  },
  'DP-017': {
    title: 'No user data or image of one’s own ties a group to Amazon Linux 2',
    source: `${guide}/al2023.html`,
  },
  'DP-028': {
    title: 'EKS offers an AMI for each node group that moves',
    source: `${guide}/retrieve-ami-id.html`,
  },
  'DP-033': {
    title: 'A node group that goes carries no pod but those of DaemonSets',
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
  },
  'DP-034': {
    title: 'No node group is kept standing after its place was taken',
    source: `${guide}/update-managed-node-group.html`,
  },
  'DP-040': {
    title: 'EKS still offers the AMI releases that were proven',
    source: `${guide}/retrieve-ami-id.html`,
  },
  'WL-001': {
    title: 'Every budget allows an eviction',
    source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  },
  'WL-002': {
    title: 'No budget forbids every eviction for ever',
    source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  },
  'WL-003': {
    title: 'No pod is selected by two budgets',
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/',
  },
  'WL-007': {
    title: 'Workloads run more than one pod',
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  },
  'WL-012': {
    title: 'Every pod has a controller that makes it again',
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
  },
  'WL-016': {
    title: 'A cordon keeps pods off the nodes that are drained',
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  },
  'AD-001': {
    title: 'EKS offers a version of each add-on for the target',
    source: `${guide}/updating-an-add-on.html`,
  },
  'AD-002': {
    title: 'Add-ons are ACTIVE and without issues',
    source: `${guide}/troubleshooting-add-ons.html`,
  },
  'AD-030': {
    title: 'EKS still offers the add-on versions that were proven',
    source: `${guide}/updating-an-add-on.html`,
  },
  'RG-001': {
    title: 'Workloads have as many ready pods as at the baseline, or as they want now',
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/',
  },
  'RG-002': {
    title:
      'Services have as many ready endpoints as at the baseline, or as there are pods wanted, and not none',
    source: 'https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/',
  },
  'RG-003': {
    title: 'No workload has more pods without a place for ten minutes than at the baseline',
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/',
  },
  'RG-004': {
    title: 'No pod has restarted three times since the baseline, or once and is not ready',
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy',
  },
  'RG-005': {
    title: 'Nodes that stay are in no trouble that they were not in at the baseline',
    source: 'https://kubernetes.io/docs/reference/node/node-status/#condition',
  },
  'RG-006': {
    title: 'Kubernetes warns for no reason that is new since the baseline',
    source: 'https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/',
  },
  'SM-001': {
    title: 'The addresses that the team watches answer as at the baseline',
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/',
  },
  'SM-002': {
    title: 'The conditions that the team watches are True as at the baseline',
    source: 'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_wait/',
  },
  'SM-003': {
    title: 'The programs of the team end well as at the baseline',
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/',
  },
} as const satisfies { readonly [code: string]: Rule }

export type CheckCode = keyof typeof catalogue
