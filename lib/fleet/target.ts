import type { AutoScaling } from '../aws/auto-scaling.ts'
import type { Ec2 } from '../aws/ec2.ts'
import type { Eks } from '../aws/eks.ts'
import type { ServiceQuotas } from '../aws/service-quotas.ts'
import type { SsmParameters } from '../aws/ssm-parameters.ts'
import type { Kube } from '../kube/kube.ts'
import type { Shell } from '../shell/shell.ts'
import type { SmokeCheck } from './smoke-check.ts'

/** One cluster of the fleet with its APIs: what runbooks, changes and checks work on. */
export interface Target {
  /** Name in EKS. */
  readonly cluster: string
  readonly account: string
  readonly region: string
  readonly environment: string
  readonly arn: string
  readonly eks: Eks
  readonly ec2: Ec2
  readonly autoScaling: AutoScaling
  readonly parameters: SsmParameters
  readonly quotas: ServiceQuotas
  readonly kube: Kube
  readonly smoke: Smoke
}

/** Checks that the team brings along. */
export interface Smoke {
  readonly checks: readonly SmokeCheck[]
  /** What reaches their addresses and programs; not made in a rehearsal, where conditions are looked at alone. */
  readonly shell: Shell | 'not-made'
}
