import { createHash } from 'node:crypto'
import { canonicalJson, type Json } from '../runbook/json.ts'
import type { Catalogue } from './aws/catalogue.ts'
import { serveAws } from './aws/http-server.ts'
import type { Credential } from './aws/state.ts'
import type { ClusterAddress } from './clusters.ts'
import type { Fault } from './faults.ts'
import type { TwinRequest, TwinResponse } from './http.ts'
import { createServerCertificates, type ServerCertificates } from './kubernetes/api/certificates.ts'
import { listenHttps } from './kubernetes/api/https-server.ts'
import { wireParts, type PartsOptions, type TwinParts } from './parts.ts'
import { publish } from './publish.ts'
import type { CallRecord } from './record.ts'
import type { TwinSnapshot } from './snapshot.ts'
import type { TaskHandlers, Timeline } from './timeline.ts'

/** A local AWS with the Kubernetes of its clusters. */
export interface Twin {
  /** Answers an AWS request, whatever the service. */
  readonly aws: (request: TwinRequest) => Promise<TwinResponse>
  /** Answers a Kubernetes request to the cluster of this ARN. Throws for an ARN without Kubernetes. */
  readonly kubernetes: (clusterArn: string, request: TwinRequest) => TwinResponse | Promise<TwinResponse>
  /** Access keys by profile. */
  readonly credentials: { readonly [profile: string]: Credential }
  /** Every call that reached it, in order. */
  readonly calls: readonly CallRecord[]
  readonly addFault: (fault: Fault) => void
  readonly faults: () => readonly { readonly fault: Fault; readonly struck: number }[]
  readonly clearFaults: () => void
  /** Adds to what EKS has published: see publish.ts. */
  readonly publish: (news: unknown) => Catalogue
  readonly catalogue: () => Catalogue
  /** A copy of everything, future included. Only between tasks. */
  readonly snapshot: () => TwinSnapshot
  /** Digest of all calls so far: the same seed and the same calls give the same. */
  readonly traceHash: () => string
  /** Serves real clients on 127.0.0.1: AWS over HTTP on `port` (0: any), each cluster over HTTPS on a port of its own. */
  readonly listen: (options: { readonly port: number }) => Promise<Listening>
  readonly kubernetesAddress: (clusterArn: string) => ClusterAddress
}

export interface Listening {
  readonly endpoint: string
  readonly close: () => Promise<void>
}

export interface TwinTime {
  readonly timeline: Timeline
  readonly handle: (handlers: TaskHandlers) => void
}

export interface OpenOptions extends Omit<PartsOptions, 'timeline'> {
  readonly time: TwinTime
}

/** Days that the certificates of a listening twin hold, by the wall clock. */
const certificateDays = 30

/**
 * Goes on from a snapshot (see prepareTwin). `time.timeline` must go on from the snapshot's timeline. The snapshot becomes the twin's
 * own state: give a copy to keep it.
 */
export const openTwin = (snapshot: TwinSnapshot, { time, ...options }: OpenOptions): Twin => {
  const parts = wireParts(snapshot, { ...options, timeline: time.timeline })
  time.handle(parts.tasks)
  return {
    aws: parts.aws,
    kubernetes: (arn, request) => parts.clusters.get(arn).handle(request),
    credentials: snapshot.credentials,
    calls: snapshot.calls,
    addFault: (fault) => {
      snapshot.faults.faults.push({ fault, met: 0, struck: 0 })
      if (fault.kind === 'budget-never-allows') recountBudgets(snapshot, parts)
    },
    faults: () => snapshot.faults.faults.map(({ fault, struck }) => ({ fault, struck })),
    clearFaults: () => {
      const gone = snapshot.faults.faults.splice(0)
      if (gone.some(({ fault }) => fault.kind === 'budget-never-allows')) recountBudgets(snapshot, parts)
    },
    publish: (news) => publish(snapshot.aws, news),
    catalogue: () => snapshot.aws.catalogue,
    snapshot: () => structuredClone(snapshot),
    traceHash: () =>
      createHash('sha256')
        .update(canonicalJson(snapshot.calls as unknown as Json))
        .digest('hex'),
    listen: ({ port }) => listen(parts, { port, wallNow: options.wallNow }),
    kubernetesAddress: parts.clusters.addressOf,
  }
}

/** The controllers of the clusters look at budgets when something changes; a fault is no change that they see. */
const recountBudgets = ({ kubernetes }: TwinSnapshot, parts: TwinParts) => {
  for (const arn of kubernetes.keys()) parts.clusters.get(arn).recountBudgets()
}

const listen = async (
  parts: TwinParts,
  { port, wallNow }: { readonly port: number; readonly wallNow: () => number },
): Promise<Listening> => {
  const now = wallNow()
  const certificates = createServerCertificates({
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + certificateDays * 86_400_000),
  })
  const closers: (() => Promise<void>)[] = []
  await parts.clusters.serve(async (handle) => {
    const server = await listenHttps(certificates, 0, handle)
    closers.push(server.close)
    return addressOf(server.port, certificates)
  })
  const { url, close } = await serveAws(parts.aws, port)
  return {
    endpoint: url,
    close: async () => {
      await Promise.all([close(), ...closers.map((end) => end())])
    },
  }
}

const addressOf = (port: number, { caCertificate }: ServerCertificates): ClusterAddress => ({
  endpoint: `https://127.0.0.1:${port}`,
  certificateAuthority: Buffer.from(caCertificate).toString('base64'),
})
