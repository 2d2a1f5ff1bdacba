using Kernmantle.Host.Tuning;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>What is chosen by what was measured.</summary>
public sealed class MachineTimingTests
{
    [Theory]
    [InlineData(1, 50)]       // a wake-up that costs next to nothing
    [InlineData(40, 100)]
    [InlineData(500, 200)]
    public void Who_waits_looks_for_some_wake_ups_within_bounds(int wakeUp, int budget)
    {
        MachineTiming timing = MachineTiming.Of((TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(wakeUp)));
        Assert.True(timing.IsMeasured);
        Assert.Equal(TimeSpan.FromMicroseconds(budget), timing.SpinBudget);
        Assert.Equal(TimeSpan.FromMicroseconds(wakeUp) / 2, timing.AwakeFor);
    }

    [Fact]
    public void What_is_usual_is_assumed_where_nothing_could_be_measured()
    {
        MachineTiming timing = MachineTiming.Of(null);
        Assert.False(timing.IsMeasured);
        Assert.Equal(TimeSpan.Zero, timing.RoundTrip);
        Assert.InRange(timing.WakeUp.TotalMicroseconds, 10, 200);
    }

    [Fact]
    public void Measuring_ends_and_says_what_can_be()
    {
        for (int i = 0; i < 20; i++)
        {
            if (Measurement.Take() is { } it)
                Assert.True(it.RoundTrip >= TimeSpan.Zero && it.WakeUp > TimeSpan.Zero && it.WakeUp < TimeSpan.FromMilliseconds(2), $"{it}");
        }
    }

    [Fact]
    public void A_machine_is_measured_once() => Assert.Same(MachineTiming.Here, MachineTiming.Here);
}
