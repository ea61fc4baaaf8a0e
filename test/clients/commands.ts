/** A command of a real client and what its output must show. `fails`: the exit code must not be 0. */
export interface ClientCommand {
  readonly line: string
  readonly shows: RegExp
  readonly fails?: true
  /** Given to the command's standard input. */
  readonly input?: string
}

const command = (line: string, shows: RegExp): ClientCommand => ({ line, shows })
const refused = (line: string, shows: RegExp): ClientCommand => ({ line, shows, fails: true })
const refusedInput = (line: string, input: string, shows: RegExp): ClientCommand => ({
  line,
  shows,
  input,
  fails: true,
})
const fed = (line: string, input: string, shows: RegExp): ClientCommand => ({ line, shows, input })

/** Reads of the aws command line: in any order, side by side. */
export const awsReads: readonly ClientCommand[] = [
  command('aws sts get-caller-identity', /"Account": "111122223333"/),
  command('aws eks list-clusters', /photo-staging/),
  command('aws eks describe-cluster --name photo-staging', /"version": "1\.32"/),
  command('aws eks describe-cluster --name photo-staging --query cluster.status --output text', /^ACTIVE$/m),
  refused('aws eks describe-cluster --name nowhere', /No cluster found for name: nowhere/),
  command('aws eks list-nodegroups --cluster-name photo-staging', /"web"/),
  command('aws eks describe-nodegroup --cluster-name photo-staging --nodegroup-name web', /AL2_x86_64/),
  refused(
    'aws eks describe-nodegroup --cluster-name photo-staging --nodegroup-name nothing',
    /No node group found for name: nothing/,
  ),
  command('aws eks list-addons --cluster-name photo-staging', /eks-pod-identity-agent/),
  command('aws eks describe-addon --cluster-name photo-staging --addon-name coredns', /"status": "ACTIVE"/),
  command('aws eks describe-addon-versions --kubernetes-version 1.34 --addon-name vpc-cni', /defaultVersion/),
  command('aws eks describe-cluster-versions', /"clusterVersion": "1\.34"/),
  command('aws eks list-updates --name photo-staging', /updateIds/),
  command('aws eks list-access-entries --cluster-name photo-staging', /role\/deployer/),
  command('aws eks list-insights --cluster-name photo-staging', /UPGRADE_READINESS/),
  command('aws eks get-token --cluster-name photo-staging', /k8s-aws-v1\./),
  command('aws ec2 describe-subnets', /subnet-0a1000000000000a1/),
  command('aws ec2 describe-instances --filters Name=instance-state-name,Values=running', /m5\.large/),
  command('aws autoscaling describe-auto-scaling-groups', /"DesiredCapacity": 3/),
  command('aws iam list-roles', /deployer/),
  command(
    'aws ssm get-parameter --name /aws/service/eks/optimized-ami/1.34/amazon-linux-2023/x86_64/standard/recommended/image_id',
    /"Value": "ami-/,
  ),
  command('aws s3api list-buckets', /photo-staging-runbooks/),
  command('aws service-quotas get-service-quota --service-code ec2 --quota-code L-1216C47A', /"Value": 256/),
  command(
    'aws kms sign --key-id alias/eks-runbooks --message cGhvdG8= --signing-algorithm ECDSA_SHA_256',
    /"Signature": "M[\w+/=]{90,}"/,
  ),
  refused(
    'aws kms sign --key-id alias/nothing --message cGhvdG8= --signing-algorithm ECDSA_SHA_256',
    /NotFoundException.*alias\/nothing is not found/,
  ),
  refused('aws eks list-pod-identity-associations --cluster-name nowhere', /No cluster found/),
  refused(
    'aws eks update-cluster-version --name photo-staging --kubernetes-version 1.36',
    /Unsupported Kubernetes minor version update from 1\.32 to 1\.36/,
  ),
]

/** Reads of kubectl. */
export const kubectlReads: readonly ClientCommand[] = [
  command('kubectl version', /Server Version: v1\.32/),
  command('kubectl cluster-info', /is running at/),
  command('kubectl api-resources', /deployments\s+deploy\s+apps\/v1/),
  command('kubectl api-versions', /policy\/v1/),
  command('kubectl get nodes', /Ready\s+<none>\s+\S+\s+v1\.32/),
  command('kubectl get nodes -o wide', /Amazon Linux/),
  command('kubectl get nodes -l eks.amazonaws.com/nodegroup=web -o name', /^node\/ip-/m),
  command('kubectl get namespaces', /photos\s+Active/),
  command('kubectl get pods -A', /photos\s+web-.*Running/),
  command('kubectl get pods -n photos -o json', /"kind": "List"/),
  command('kubectl get pods -n photos -o yaml --field-selector status.phase=Running', /kind: Pod/),
  command("kubectl get pods -n photos -l 'app in (web,api)' --no-headers", /api-/),
  command('kubectl get deployments,statefulsets,daemonsets -A', /statefulset\.apps\/postgres\s+3\/3/),
  command('kubectl get pdb -A', /photos\s+postgres\s+N\/A\s+1\s+1/),
  command('kubectl get pvc -n photos', /data-postgres-0\s+Bound/),
  command('kubectl get pv', /gp3/),
  command('kubectl get services -A', /kube-dns/),
  command('kubectl get endpointslices -n photos', /web-/),
  command('kubectl get events -n photos', /Scheduled/),
  command('kubectl get cronjobs -n photos', /nightly-backup/),
  command('kubectl get configmap app-settings -n photos -o jsonpath={.data.gallery}', /^public$/),
  refused('kubectl get pod nothing -n photos', /pods "nothing" not found/),
  refused('kubectl get flowers', /doesn't have a resource type "flowers"/),
  command('kubectl describe node -l eks.amazonaws.com/nodegroup=web', /Non-terminated Pods/),
  command('kubectl describe deployment web -n photos', /RollingUpdateStrategy/),
  command('kubectl describe pod postgres-0 -n photos', /Controlled By:\s+StatefulSet\/postgres/),
  command('kubectl describe pdb web -n photos', /Allowed disruptions/),
  command('kubectl top nodes', /CPU\(cores\)/),
  command('kubectl auth can-i delete nodes', /^yes$/m),
  command('kubectl get --raw /readyz', /ok/),
  command('kubectl rollout status deployment/web -n photos --timeout=20s', /successfully rolled out/),
  command('kubectl rollout status statefulset/postgres -n photos --timeout=20s', /roll(ing|ed)|complete/),
  command('kubectl rollout history deployment/web -n photos', /REVISION/),
  command('kubectl wait --for=condition=Available deployment/web -n photos --timeout=20s', /condition met/),
  command('kubectl wait --for=condition=Ready node --all --timeout=20s', /condition met/),
  refused('kubectl logs postgres-0 -n photos', /logs/),
]

const settings = (value: string) => `
apiVersion: v1
kind: ConfigMap
metadata: { name: trial, namespace: photos }
data: { colour: ${value} }
`

const trial = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: trial, namespace: photos }
spec:
  replicas: 2
  selector: { matchLabels: { app: trial } }
  template:
    metadata: { labels: { app: trial } }
    spec:
      containers: [{ name: trial, image: 'registry.example.com/trial:1.0.0' }]
`

/** Writes of kubectl, in this order. `NODE` is a node of the group web. */
export const kubectlWrites: readonly ClientCommand[] = [
  fed('kubectl apply -f -', settings('red'), /configmap\/trial created/),
  fed('kubectl apply -f -', settings('red'), /configmap\/trial unchanged/),
  fed('kubectl apply -f -', settings('green'), /configmap\/trial configured/),
  fed('kubectl diff -f -', settings('green'), /^$/),
  fed('kubectl apply --server-side -f -', trial, /deployment\.apps\/trial serverside-applied/),
  refusedInput(
    'kubectl apply --server-side --field-manager=other -f -',
    trial.replace('replicas: 2', 'replicas: 4'),
    /conflict/,
  ),
  command('kubectl rollout status deployment/trial -n photos --timeout=20s', /successfully rolled out/),
  command('kubectl scale deployment/trial -n photos --replicas=3', /deployment\.apps\/trial scaled/),
  command(
    'kubectl set image deployment/trial -n photos trial=registry.example.com/trial:1.1.0',
    /image updated/,
  ),
  command('kubectl rollout status deployment/trial -n photos --timeout=20s', /successfully rolled out/),
  command('kubectl rollout undo deployment/trial -n photos', /rolled back/),
  command('kubectl rollout restart deployment/trial -n photos', /restarted/),
  command('kubectl label deployment/trial -n photos owner=me', /labeled/),
  command('kubectl annotate deployment/trial -n photos note=hello', /annotated/),
  command(`kubectl patch deployment trial -n photos -p {"spec":{"minReadySeconds":1}}`, /patched/),
  command(
    `kubectl patch deployment trial -n photos --type=merge -p {"spec":{"minReadySeconds":2}}`,
    /patched/,
  ),
  command(
    `kubectl patch deployment trial -n photos --type=json -p [{"op":"remove","path":"/spec/minReadySeconds"}]`,
    /patched/,
  ),
  command('kubectl create namespace trial', /namespace\/trial created/),
  command('kubectl create configmap made -n trial --from-literal=a=b', /configmap\/made created/),
  command('kubectl delete namespace trial --timeout=20s', /namespace "trial" deleted/),
  command('kubectl delete deployment trial -n photos --timeout=20s', /deployment\.apps "trial" deleted/),
  command('kubectl delete configmap trial -n photos', /configmap "trial" deleted/),
  command('kubectl cordon NODE', /cordoned/),
  command('kubectl drain NODE --ignore-daemonsets --delete-emptydir-data --timeout=60s', /drained/),
  command('kubectl uncordon NODE', /uncordoned/),
  command('kubectl taint nodes NODE trial=yes:NoSchedule', /tainted/),
  command('kubectl taint nodes NODE trial-', /untainted/),
]

/** Writes of the aws command line, in this order. */
export const awsWrites: readonly ClientCommand[] = [
  command(
    'aws eks tag-resource --resource-arn arn:aws:eks:eu-west-1:111122223333:cluster/photo-staging --tags owner=platform',
    /^$/,
  ),
  command(
    'aws eks list-tags-for-resource --resource-arn arn:aws:eks:eu-west-1:111122223333:cluster/photo-staging',
    /platform/,
  ),
  command(
    'aws eks update-nodegroup-config --cluster-name photo-staging --nodegroup-name data --scaling-config minSize=2,maxSize=5,desiredSize=3',
    /ConfigUpdate/,
  ),
  command('aws eks update-cluster-version --name photo-staging --kubernetes-version 1.33', /VersionUpdate/),
  refused(
    'aws eks update-cluster-version --name photo-staging --kubernetes-version 1.33',
    /ResourceInUseException|in progress|not in ACTIVE/,
  ),
  command('aws eks describe-cluster --name photo-staging --query cluster.status --output text', /UPDATING/),
]
