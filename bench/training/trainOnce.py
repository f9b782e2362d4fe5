"""The same as trainOnce.ts with PyTorch and PEFT: `trainOnce.py JOB.json` trains a step for each line that it is given."""

import json
import resource
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "referenceValues"))
from baseModel import load  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from training import MODULES, initial, loss_of  # noqa: E402

with open(sys.argv[1]) as file:
    job = json.load(file)
torch.set_num_threads(job["threads"])
base = load(job["modelPath"])
layers = list(range(job["firstLayer"], base.config.num_hidden_layers))
config = LoraConfig(r=job["r"], lora_alpha=job["loraAlpha"], target_modules=MODULES, layers_to_transform=layers)
model = get_peft_model(base, config)
model.train()
trained = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
for name, parameter in trained:
    if "lora_A" in name:
        parameter.data.copy_(initial(parameter.numel(), 0.08).reshape(parameter.shape))
parameters = [parameter for _, parameter in trained]
optimizer = torch.optim.AdamW(parameters, lr=job["learningRate"], weight_decay=0.0)
for step, _ in enumerate(sys.stdin):
    sequences = [torch.tensor([sequence]) for sequence in job["steps"][step]]
    wall, cpu = time.perf_counter(), time.process_time()
    mean = 0.0
    for tokens in sequences:
        loss = loss_of(model, [(tokens, torch.ones(tokens.shape))]) / len(sequences)
        loss.backward()
        mean += loss.item()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad()
    line = {
        "loss": mean,
        "nTokens": sum(tokens.shape[1] - 1 for tokens in sequences),
        "wallMs": (time.perf_counter() - wall) * 1000,
        "cpuMs": (time.process_time() - cpu) * 1000,
        "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(line), flush=True)
