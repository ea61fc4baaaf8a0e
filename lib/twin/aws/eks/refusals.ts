import { AwsError } from '../call.ts'

/** What a refusal is about; EKS sends these members with most of its errors. */
export interface Subject {
  readonly clusterName?: string | undefined
  readonly nodegroupName?: string | undefined
  readonly addonName?: string | undefined
  readonly fargateProfileName?: string | undefined
}

/** 400: a value that EKS does not take. */
export const invalidParameter = (message: string, subject: Subject = {}): AwsError =>
  new AwsError('InvalidParameterException', message, 400, { ...subject })

/** 400: not in this state of things. */
export const invalidRequest = (message: string, subject: Subject = {}): AwsError =>
  new AwsError('InvalidRequestException', message, 400, { ...subject })

/** 400: readiness checks block; the way out is ListInsights or `force`. */
export const invalidState = (message: string, subject: Subject = {}): AwsError =>
  new AwsError('InvalidStateException', message, 400, { ...subject })

/** 409: the name is taken, or an update is in progress. */
export const inUse = (message: string, subject: Subject = {}): AwsError =>
  new AwsError('ResourceInUseException', message, 409, { ...subject })

/** 404. */
export const notFound = (message: string, subject: Subject = {}): AwsError =>
  new AwsError('ResourceNotFoundException', message, 404, { ...subject })
