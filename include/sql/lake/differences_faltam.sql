SELECT {columns} FROM {expected} EXCEPT ALL SELECT {columns} FROM vistas LIMIT {shown}
