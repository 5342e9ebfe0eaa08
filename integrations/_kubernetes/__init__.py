"""What the Kubernetes backend is made of. All that decides is pure; all that asks goes through `api`.

access     how a cluster is reached          sight      what was read of a workload, and what it means for a key
api        one question, one answer          symptoms   what ails a pod, and whether that can heal
reasons    the cluster's words for a no      owners     who holds a field, and since when
workload   which object, and where           doorbell   rings when what was read is no longer so
manifest   what we apply, and remember       job        one-off work as a Job
podlogs    logs in bounded memory            rights     what the backend must be allowed to do
"""
