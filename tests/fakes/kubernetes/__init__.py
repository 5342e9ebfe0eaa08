"""A Kubernetes API at the wire, with a small cluster behind it: an HTTP server that acts like one for what is used.

store         objects, their versions, and what watches hear of them
applying      server-side apply: who holds which field
controllers   what brings Deployments, StatefulSets, DaemonSets and Jobs about
kubelet       what becomes of a pod: well, crashing, unpullable, …; the pods of Jobs are real processes
cluster       all of it in one, and how a test moves it: hold, step, faults, drift
server        the HTTP, and the faults of a network
"""
