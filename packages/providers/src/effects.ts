/**
 * The moments at which something outside this process has changed for good. Tests hang a SIGKILL on the N-th of them
 * and then demand that nothing was started twice, lost, or left behind.
 */
export type Effect =
  | 'node-directory-made'
  | 'place-changed'
  | 'certificate-written'
  | 'file-written'
  | 'file-edited'
  | 'node-fed'
  | 'launch-recorded'
  | 'process-started'
  | 'pid-recorded'
  | 'process-ended'
  | 'process-killed'
  | 'node-directory-removed'
  | 'endpoints-written'
  | 'forwarder-started'

export type OnEffect = (effect: Effect) => void
