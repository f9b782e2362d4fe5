"""Prints as JSON the negative log-likelihood of each token of examples under a base model with a PEFT folder.

    python scripts/referenceValues/scoreAdapter.py BASE.gguf FOLDER RECORDED.json

Needs torch, transformers, peft, gguf. The examples are those of a file that training.py wrote.
"""

import json
import sys

import torch
from baseModel import load
from peft import PeftModel
from training import nll_of

if __name__ == "__main__":
    base, folder, recorded = sys.argv[1:]
    model = PeftModel.from_pretrained(load(base), folder).eval()
    with open(recorded) as file:
        examples = json.load(file)["examples"]
    with torch.no_grad():
        nll = torch.cat([nll_of(model, torch.tensor([example["tokens"]])) for example in examples])
    print(json.dumps(nll.tolist()))
