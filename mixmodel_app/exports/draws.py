"""All posterior draws of a fit as one Parquet table: a row for each draw, a column for each parameter."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mixmodel_app.engine.artifact import load_artifact


def draws_parquet(artifact: bytes) -> bytes:
    """From the model's NetCDF file. Columns: chain, draw, then parameters like `adstock_alpha[TV]`."""
    posterior = load_artifact(artifact)["posterior"]
    chains, size = posterior.sizes["chain"], posterior.sizes["draw"]
    columns: dict[str, pa.Array] = {
        "chain": pa.array(np.repeat(np.arange(chains), size)),
        "draw": pa.array(np.tile(np.arange(size), chains)),
    }
    for name, values in posterior.data_vars.items():
        flat = values.to_numpy().reshape(chains * size, -1)
        if values.ndim == 2:
            columns[str(name)] = pa.array(flat[:, 0])
            continue
        labels = values.coords[values.dims[2]].to_numpy()
        columns |= {f"{name}[{label}]": pa.array(flat[:, index]) for index, label in enumerate(labels)}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()
