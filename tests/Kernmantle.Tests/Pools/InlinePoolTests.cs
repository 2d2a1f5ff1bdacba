using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public class InlinePoolTests : WorkerPoolContract
{
    protected override bool HasQueue => false;

    protected virtual bool VerifyPortable => false;

    protected override WorkerPool Create(int workers, Settings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);   // it has as many as callers
        return WorkerPool.Inline(VerifyPortable, new()
        {
            QueueCapacity = settings.QueueCapacity,
            QueueFull = settings.QueueFull,
            Timeout = settings.Timeout,
            Retry = settings.Retry,
            KillGrace = settings.KillGrace,
            DrainTimeout = settings.DrainTimeout,
            StreamWindow = settings.StreamWindow,
            OnWorkerStart = settings.OnWorkerStart,
            LoggerFactory = settings.LoggerFactory,
        });
    }
}

/// <summary>The same, with everything encoded and decoded as if it crossed.</summary>
public sealed class PortableInlinePoolTests : InlinePoolTests
{
    protected override bool VerifyPortable => true;

    protected override bool Copies => true;
}
