using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>Where the object of a <see cref="Remote{T}"/> lives: which incarnation of which worker, under which number.</summary>
internal sealed record Home(Slot Slot, long Generation, long Id)
{
    public void Pin(Call call)
    {
        call.PinnedTo = Slot;
        call.Generation = Generation;
        call.InstanceId = Id;
    }
}
