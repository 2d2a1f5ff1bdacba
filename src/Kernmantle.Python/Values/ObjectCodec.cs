using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kernmantle.Payloads.Objects;
using Kernmantle.Payloads.Preflight;

namespace Kernmantle.Python.Values;

/// <summary>
/// An object as a record: its readable public members, by their names in snake_case. Read from a dataclass, a namedtuple or a dict with
/// str keys, by a constructor and settable members; names match without regard to case and underscores, and what C# does not know is left out.
/// </summary>
internal sealed class ObjectCodec<T> : ValueCodec<T>
{
    private static readonly string TypeName = PythonNameOf(typeof(T));
    private static readonly Member<T>[] Members = CreateMembers();
    private static readonly string? Twice = Members.GroupBy(static m => m.PythonName).FirstOrDefault(static g => g.Count() > 1)?.Key;
    private static readonly ObjectPlan<T>? Plan = ObjectPlan<T>.TryCreate();

    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is null)
        {
            writer.WriteNone();
            return;
        }
        if (ValueCodecs.TryWriteAsItIs(ref writer, value))
            return;
        if (Members.Length == 0)
            throw new RefusedValueException(PortableTypes.Name(typeof(T)), "It has no public property: pass the data itself.");
        if (Twice is not null)
            throw new RefusedValueException(PortableTypes.Name(typeof(T)), $"Two of its properties are {Twice} in Python: pass an anonymous object with the names you want.");
        writer.EnterExtension(PythonKind.Record);
        writer.WriteString(TypeName);
        writer.EnterDict();
        int i = 0;
        try
        {
            for (; i < Members.Length; i++)
            {
                writer.WriteString(Members[i].PythonName);
                Members[i].Write(ref writer, value);
            }
        }
        catch (RefusedValueException refused) when (refused.Passes($".{Members[i].Name}"))
        {
            throw;
        }
        writer.LeaveDict();
        writer.Leave();
    }

    public override T Read(ref PythonReader reader)
    {
        PythonKind kind = reader.Peek();
        if (kind is not (PythonKind.Record or PythonKind.Dict))
            return ReadOther(ref reader);
        if (Plan is not { } plan)
            throw Mismatch(ref reader, "It has no public constructor that takes its properties: ask for a record or a class that has one.");
        string pythonType = reader.Describe();
        if (kind == PythonKind.Record)
        {
            reader.EnterExtension(PythonKind.Record);
            reader.Skip();
        }
        object?[] slots = new object?[plan.Slots.Length];
        bool[] present = new bool[plan.Slots.Length];
        reader.EnterDict();
        for (int expected = 0; reader.NextKey(); expected++)
        {
            if (reader.Peek() != PythonKind.Str)
                throw Mismatch(pythonType, "It has keys that are not str: ask for a dictionary.");
            int slot = plan.Find(reader.ReadUtf8(), expected);
            if (slot < 0)
            {
                reader.Skip();
                continue;
            }
            try
            {
                slots[slot] = plan.Slots[slot].Member.Read(ref reader);
                present[slot] = true;
            }
            catch (PythonValueMismatchException mismatch) when (mismatch.Passes($".{plan.Slots[slot].Member.PythonName}"))
            {
                throw;
            }
        }
        reader.Leave();
        if (kind == PythonKind.Record)
            reader.Leave();
        for (int i = 0; i < slots.Length; i++)
        {
            if (present[i])
                continue;
            if (plan.Slots[i].Required)
                throw Mismatch(pythonType, $"It has no field for {plan.Slots[i].Member.Name}: add it there, or give the parameter a default value.");
            slots[i] = plan.Slots[i].Default;
        }
        try
        {
            return plan.Make(slots, present);
        }
        catch (Exception exception)
        {
            throw Mismatch(pythonType, $"Its constructor or a property refused the values: {exception.Message}", exception);
        }
    }

    private static Member<T>[] CreateMembers() =>
        [.. Construction.ReadableMembers(typeof(T)).Select(static member => Member<T>.Create(
            member.Name,
            member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType,
            owner => member is PropertyInfo known ? Expression.Property(owner, known) : Expression.Field(owner, (FieldInfo)member)))];

    // The compiler's name for an anonymous type is no name that Python could show.
    private static string PythonNameOf(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute)) ? "anonymous" : type.Name.Split('`')[0];
}
