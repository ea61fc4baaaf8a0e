import type { TaskHandlers } from '../../timeline.ts'
import type { Aws, Handlers } from '../call.ts'
import { accessEntryHandlers, accessPolicyHandlers } from './access-entries.ts'
import { addOnTasks } from './add-on-rollout.ts'
import { addOnVersionHandlers } from './add-on-versions.ts'
import { addOnHandlers } from './add-ons.ts'
import { versionHandlers } from './calendar.ts'
import { clusterVersionHandlers, clusterVersionTasks } from './cluster-version.ts'
import { clusterHandlers, clusterTasks } from './clusters.ts'
import { fargateHandlers, fargateTasks, podIdentityHandlers } from './data-only.ts'
import { insightHandlers, insightTasks } from './insight-calls.ts'
import { nodeBridgeTasks } from './node-bridge.ts'
import { nodegroupUpdateHandlers, nodegroupUpdateTasks } from './nodegroup-updates.ts'
import { nodegroupHandlers, nodegroupTasks } from './nodegroups.ts'
import { rollingUpdateTasks } from './rolling-update.ts'
import { tagHandlers } from './tags.ts'
import { updateHandlers } from './updates.ts'

/** Every operation of EKS that the twin answers. */
export const eksHandlers: Handlers = {
  ...clusterHandlers,
  ...clusterVersionHandlers,
  ...versionHandlers,
  ...updateHandlers,
  ...nodegroupHandlers,
  ...nodegroupUpdateHandlers,
  ...addOnHandlers,
  ...addOnVersionHandlers,
  ...insightHandlers,
  ...accessEntryHandlers,
  ...accessPolicyHandlers,
  ...podIdentityHandlers,
  ...fargateHandlers,
  ...tagHandlers,
}

/** What EKS does over time. Besides, `bridgeNodes(aws)` has to be called once. */
export const eksTasks = (aws: Aws): TaskHandlers => ({
  ...clusterTasks(aws),
  ...clusterVersionTasks(aws),
  ...nodegroupTasks(aws),
  ...nodegroupUpdateTasks(aws),
  ...rollingUpdateTasks(aws),
  ...addOnTasks(aws),
  ...insightTasks(aws),
  ...nodeBridgeTasks(aws),
  ...fargateTasks(aws),
})
