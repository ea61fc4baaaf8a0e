import { writeJson, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { freshRandom } from '../operator.ts'

interface Options {
  readonly cluster: string
  readonly region: string
}

/**
 * `eks-runbook kube-token`: what `aws eks get-token` prints, for kubectl on machines without aws.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
const kubeToken: MakeCommand = (cli) =>
  newCommand('kube-token', 'Print a token for kubectl, as `aws eks get-token` does.', {
    example: 'eks-runbook kube-token --cluster photo-staging --region eu-west-1',
    outputs: ['json'],
  })
    .requiredOption('--cluster <name>', 'name of the cluster in EKS')
    .requiredOption('--region <region>', 'Region of the cluster')
    .action(async ({ cluster, region }: Options) => {
      const { eksToken } = await import('../../aws/eks-token.ts')
      const settings = { region, clock: await cli.clock(), random: freshRandom(), signal: cli.signal }
      writeJson(cli, {
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        spec: {},
        status: { token: await eksToken(settings, cluster)() },
      })
    })

export default kubeToken
