import type { Activity, AutoScalingGroup, ScalingActivityStatusCode } from '@aws-sdk/client-auto-scaling'
import type { Aws } from '../call.ts'
import { nextUuid } from '../ids.ts'
import type { RegionState } from '../state.ts'

/** A scaling activity to record. */
export interface ActivitySpec {
  readonly description: string
  readonly cause: string
  readonly status: ScalingActivityStatusCode
  readonly message?: string
}

/** Adds an activity to the group's history. */
export const recordActivity = (
  aws: Aws,
  { region, group }: { readonly region: RegionState; readonly group: AutoScalingGroup },
  spec: ActivitySpec,
): Activity => {
  const name = group.AutoScalingGroupName ?? ''
  const now = new Date(aws.timeline.now())
  const ended = spec.status === 'Failed' || spec.status === 'Successful'
  const activity: Activity = {
    ActivityId: nextUuid(aws),
    AutoScalingGroupName: name,
    AutoScalingGroupARN: group.AutoScalingGroupARN,
    Description: spec.description,
    Cause: `At ${now.toISOString()} ${spec.cause}`,
    StartTime: now,
    ...(ended && { EndTime: now }),
    StatusCode: spec.status,
    StatusMessage: spec.message,
    Progress: ended ? 100 : 30,
    Details: JSON.stringify({ 'Availability Zone': group.AvailabilityZones?.[0] ?? '' }),
  }
  const history = region.activities.get(name)
  if (history) history.push(activity)
  else region.activities.set(name, [activity])
  return activity
}

/** Ends the activity in progress whose description starts so, such as `Launching a new EC2 instance: i-…`. */
export const finishActivity = (
  aws: Aws,
  region: RegionState,
  groupName: string,
  description: string,
): void => {
  const activity = region.activities
    .get(groupName)
    ?.findLast((entry) => entry.Description === description && entry.EndTime === undefined)
  if (!activity) return
  activity.EndTime = new Date(aws.timeline.now())
  activity.StatusCode = 'Successful'
  activity.Progress = 100
}
