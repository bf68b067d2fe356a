# What PyTorch makes of every 8-bit float: python float8.py > float8.json
import base64, json, torch
names = {
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "F8_E4M3FNUZ": torch.float8_e4m3fnuz,
    "F8_E5M2FNUZ": torch.float8_e5m2fnuz,
    "F8_E8M0": torch.float8_e8m0fnu,
}
codes = torch.arange(256, dtype=torch.uint8)
values = {k: base64.b64encode(codes.view(d).to(torch.float32).numpy().tobytes()).decode() for k, d in names.items()}
print(json.dumps({"_made_by": f"PyTorch {torch.__version__}", **values}, indent=1))
