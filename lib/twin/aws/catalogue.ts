/** What EKS has published besides what every twin has. Plain data: it becomes part of the state. */
export interface Catalogue {
  readonly addOns: readonly PublishedAddOn[]
  /** Oldest first. */
  readonly amis: readonly PublishedAmi[]
}

/** Versions of a managed add-on, oldest first. */
export interface PublishedAddOn {
  readonly name: string
  readonly versions: readonly {
    readonly version: string
    /** Cluster versions it supports. */
    readonly minors: readonly string[]
    /** Minors whose default it is; an older version is theirs no more. */
    readonly defaultOf: readonly string[]
  }[]
  /** True: the add-on has these versions only; else they come on top of those that the twin has. */
  readonly replace: boolean
}

/** An AMI release for nodes of a minor. */
export interface PublishedAmi {
  readonly minor: string
  readonly amiType: string
  /** As node groups show it: `1.33.5-20260910`; Bottlerocket: `1.49.0-3f2a91bc`. */
  readonly release: string
  /** Left out: made from the rest, always the same. */
  readonly imageId?: string
  /** False: an older release, that nodes still have; of the others the last of a minor and type is the recommended one. */
  readonly recommended: boolean
}
