import { fields } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { deletePod, make, wake, type Control } from './control.ts'

/** Gives a namespace its account and CA, or empties one that is being deleted. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */
export const reconcileNamespace = (control: Control, namespace: KubeObject): void => {
  const { name } = namespace.metadata
  if (namespace.metadata.deletionTimestamp !== undefined) return empty(control, namespace)
  if (fields(namespace['status'])['phase'] === undefined)
    control.storage.update('namespaces', { ...namespace, status: { phase: 'Active' } })
  if (!control.storage.get('serviceaccounts', name, 'default'))
    make(
      control,
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } },
      namespace,
    )
  if (!control.storage.get('configmaps', name, 'kube-root-ca.crt'))
    make(
      control,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kube-root-ca.crt', namespace: name },
        data: { 'ca.crt': '' },
      },
      namespace,
    )
}

const empty = (control: Control, namespace: KubeObject): void => {
  const { name } = namespace.metadata
  let left = 0
  for (const type of control.storage.types()) {
    if (!type.namespaced) continue
    for (const object of control.storage.list(type.id, name)) {
      if (type.id === 'pods') deletePod(control, object)
      else if (object.metadata.deletionTimestamp === undefined) control.storage.remove(type.id, object)
    }
    left += control.storage.list(type.id, name).length
  }
  if (left > 0) return wake(control, 'namespaces', `/${name}`, 2)
  control.storage.update('namespaces', {
    ...namespace,
    spec: { ...fields(namespace['spec']), finalizers: [] },
  })
}
