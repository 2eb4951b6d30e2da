"""The local stack: Kafka, Cassandra, Spark and Airflow as plain processes on 127.0.0.1, started and stopped by us.

No containers and no root. What starts and stops them (`cli`, `stack`, `services` and the modules beside them) imports
nothing of the pipeline. It knows its environment variables, the name of its keyspace and where its DAGs are. The one
exception is a program of its own, `services.spark.warmup`: Spark is ready when the session that the tasks will use has
warm workers, and only the library knows that session.

`demo`, the demonstration, and `slate`, the clean slate of tests and benchmarks, use the library. Nothing here imports
airflow.
"""
