SELECT {columns} FROM vistas EXCEPT ALL SELECT {columns} FROM {expected} LIMIT {shown}
