"""What an installation does when it is broken on purpose: `python -m benchmarks.faults --faults 200`.

A whole MixModel (Postgres, Valkey, web, worker, janitor) is started in a temporary home. A person starts runs over the
HTTP API and watches them; at a chosen stage of a run something is killed, filled, taken away or moved. Then one waits
for the run's end and looks: is it there, did it end once, do its results open, and are they those of an undisturbed run
with the same seed?

* `installation` is the product and its processes, `person` who watches, `injections` what is done to it,
  `trial` one fault from start to verdict, `table` what is printed.
* The stages are those of the progress events; `saving` is the moment of "Storing the results". `queued` is a run that
  waits behind another, which has to survive as well.
* Recovery is the time from the fault (or from the end of an outage that the script imposes) until the API answers for
  the run and someone works on it again or has ended it.
* A trigger in the database of the temporary home counts how often a run completes.
* Disk full: the objects lie on a small tmpfs that is filled up (as root on Linux), else the fitting process may write
  no byte more (`RLIMIT_FSIZE`). Clock: heartbeats are moved by an hour, which is what a host with a wrong clock writes;
  with libfaketime installed a janitor that lives an hour ahead takes part too.

Seconds depend on the machine and on what else it does; counts must not.
"""
