"""The model artifact: one NetCDF file with the posterior, the sampler's statistics and the data.

NetCDF and not pickle, since loading a pickle runs code; only free parameters, since everything else follows from them.
"""

import json
from typing import TYPE_CHECKING, Any

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.types import PreparedData

if TYPE_CHECKING:
    import xarray as xr


def to_netcdf(
    posterior: "xr.Dataset", statistics: dict[str, Array], data: PreparedData, facts: dict[str, Any]
) -> bytes:
    """NetCDF bytes with the groups posterior, sample_stats, observed_data and constant_data.

    Args:
        posterior: free parameters, dimensions chain, draw and their own; statistics: of the sampler, (chain, draw).
        facts: what else determines the fit (versions, divergences), kept as JSON in the attributes.
    """
    import xarray as xr

    sampler = xr.Dataset({name: (("chain", "draw"), values) for name, values in statistics.items()})
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "sample_stats": sampler,
            "observed_data": xr.Dataset({"target": ("date", data.target)}, coords={"date": data.dates}),
            "constant_data": _constant_data(data),
        }
    )
    tree.attrs = {
        "config": json.dumps(data.config.to_json()),
        "column_mapping": json.dumps(data.mapping.to_json()),
        "data_digest": data.digest,
        "target_scale": data.target_scale,
        **{key: json.dumps(value) for key, value in facts.items()},
    }
    compressed = {
        path: {str(name): {"zlib": True, "complevel": 4} for name, values in group.data_vars.items() if values.ndim > 1}
        for path, group in (("/posterior", posterior), ("/sample_stats", sampler))
    }
    return bytes(tree.to_netcdf(engine="h5netcdf", encoding=compressed))


def load_artifact(raw: bytes) -> "xr.DataTree":
    """The file's groups in memory. Raises `ValueError` or `OSError` for bytes that are not such a file."""
    import io

    import xarray as xr

    with xr.open_datatree(io.BytesIO(raw), engine="h5netcdf") as tree:
        return tree.load()


def _constant_data(data: PreparedData) -> "xr.Dataset":
    import xarray as xr

    return xr.Dataset(
        {
            "media": (("date", "channel"), data.media),
            "spend": (("date", "channel"), data.spend),
            "controls": (("date", "control"), data.controls),
            "media_scale": ("channel", data.media_scale),
        },
        coords={"date": data.dates, "channel": list(data.channels), "control": list(data.control_names)},
    )
