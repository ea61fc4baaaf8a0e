/** Who a Kubernetes request comes from, as EKS's authenticator and access entries say. */
export interface Identity {
  readonly username: string
  readonly groups: readonly string[]
  /** ARN of the principal. */
  readonly principal: string
  /** Names of the access policies with their scope: `AmazonEKSClusterAdminPolicy`, `AmazonEKSViewPolicy`, ... */
  readonly policies: readonly { readonly name: string; readonly namespaces: 'all' | readonly string[] }[]
}

/** Turns a bearer token into an identity; undefined: 401. Rules: facts on the local cloud, 4.4. */
export type Authenticate = (token: string) => Identity | undefined
