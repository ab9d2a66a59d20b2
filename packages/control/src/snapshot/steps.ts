/** Every step that a snapshot can plan. */
interface Because {
  readonly why: string
}

export type SnapshotStep = Because &
  (
    | { readonly do: 'wait'; readonly retryInMs: number; readonly urgent?: true }
    /** Store the parts that are not there yet, in the background. */
    | { readonly do: 'store-parts' }
    /** Every part is there: write the manifest, and tell customers. */
    | { readonly do: 'finish' }
    /** It cannot be made: take away what there is of it, and say why. */
    | { readonly do: 'give-up'; readonly trouble: string }
    /** Let go of the work under way. */
    | { readonly do: 'stop-work' }
    /** Its files, then its row. */
    | { readonly do: 'remove-snapshot' }
  )
