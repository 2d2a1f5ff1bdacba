using Kernmantle.Python.Values;
using Kernmantle.Wire;

namespace Kernmantle.Python.Sharing;

/// <summary>A shared value, which the host reads and writes for the worker.</summary>
internal sealed class ValueObject<T>(SharedValue<T> value) : HostObject(value, "value")
    where T : unmanaged
{
    private static readonly Func<SharedValue<T>, T, T>? Adder = FindAdder();

    public override void Begin(Ask ask, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.Read:
                ReadArguments.None(ref arguments);
                ask.Done(value.Read());
                break;
            case Operation.Exchange:
                ask.Done(value.Exchange(ReadArguments.One<T>(ref arguments)));
                break;
            case Operation.CompareExchange:
                (T wanted, T comparand) = ReadArguments.Two<T, T>(ref arguments);
                ask.Done(value.CompareExchange(wanted, comparand));
                break;
            case Operation.Add:
                T addend = ReadArguments.One<T>(ref arguments);
                if (Adder is null)
                    throw new NotSupportedException($"{typeof(T).Name} is no number: nothing can be added to it.");
                ask.Done(Adder(value, addend));
                break;
            default:
                throw new ProtocolViolationException($"operation {ask.Operation} with a value");
        }
    }

    private static Func<SharedValue<T>, T, T>? FindAdder()
    {
        if (!Array.Exists(typeof(T).GetInterfaces(), static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(System.Numerics.INumber<>)))
            return null;
        return typeof(SharedNumbers).GetMethods().Single(static m => m.GetParameters().Length == 2).MakeGenericMethod(typeof(T)).CreateDelegate<Func<SharedValue<T>, T, T>>();
    }
}
