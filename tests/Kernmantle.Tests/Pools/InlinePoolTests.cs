using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public class InlinePoolTests : WorkerPoolContract
{
    protected virtual bool VerifyPortable => false;

    protected override WorkerPool Create(int workers, Settings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);   // it has as many as callers
        return WorkerPool.Inline(VerifyPortable, settings.In(new InlinePoolOptions()));
    }
}

/// <summary>The same, with everything encoded and decoded as if it crossed.</summary>
public sealed class PortableInlinePoolTests : InlinePoolTests
{
    protected override bool VerifyPortable => true;

    protected override bool Copies => true;
}
