"""How does time pass?  The only room with Brian2 and C++ text.

Reading order: plan (circuit -> text of every step: declare, steps, integrate), kernels, signals, noise, emit (text ->
Brian2 objects), values (the numbers of one run), build (compiled once), cache (kept for the next run; locks), execute,
pulse (progress, and numbers that are not finite), collect, devices, batches (run, or kept from before).  For a GPU:
cuda_plan (what differs, what is refused), cuda_kernels (the text), cuda_source, cuda (compiled once), cuda_tools.
"""
